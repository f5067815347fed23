// Which pages there are, and how large: those of the last build, but for what has changed with the text since. A page
// that the build does not have comes and goes with the text.
import { useShallow } from 'zustand/react/shallow'
import type { PageBox, PreviewInfo } from '../../ipc/generated'
import { type LiveCount, type LivePage, useProject } from '../../state/project'

/** Points: less is how a number is written. */
const SAME = 0.02

const isSame = (a: PageBox, b: PageBox) => Math.abs(a.width - b.width) < SAME && Math.abs(a.height - b.height) < SAME

/** The sizes of the pages. */
export function pagesShown(built: readonly PageBox[], live: ReadonlyMap<number, LivePage>, counted: LiveCount | null): readonly PageBox[] {
  let count = counted?.pages ?? built.length
  // Those of a run that is still on, behind what was the last page.
  for (const [page, { revision }] of live) if (counted === null || revision > counted.revision) count = Math.max(count, page + 1)
  const pages: PageBox[] = []
  for (let page = 0; page < count; page += 1) {
    const [ofBuild, ofText] = [built[page], live.get(page)?.size]
    const size = ofBuild !== undefined && ofText !== undefined && isSame(ofBuild, ofText) ? ofBuild : (ofText ?? ofBuild)
    // What neither has is on its way.
    if (size === undefined) break
    pages.push(size)
  }
  return pages
}

const NONE: ReadonlyMap<number, LivePage> = new Map()

/** The sizes of the pages as they are now, of the pages of a build; another array only when one is another. */
export function useShownPages(preview: PreviewInfo | null | undefined): readonly PageBox[] {
  return useProject(useShallow(({ open }) => pagesShown(preview?.pages ?? [], open?.live ?? NONE, open?.liveCount ?? null)))
}
