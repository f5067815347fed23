// What pages say, kept for those looked at last: words and links.
import type { Pages } from '../../ipc/addresses'
import { commands, type PageContents, type PageWord, type ProjectId } from '../../ipc/generated'

const MOST_KEPT = 48
const kept = new Map<string, Promise<PageContents>>()
const read = new Map<string, PageContents>()

const keyOf = (project: ProjectId, pages: Pages, page: number) =>
  'live' in pages ? `${project} live ${pages.live} ${page}` : `${project} ${pages.build} ${page}`

function ask(project: ProjectId, pages: Pages, page: number): Promise<PageContents> {
  if ('live' in pages) return commands.livePageContents({ project, page: { page, version: pages.live } })
  return commands.pageContents({ project, number: pages.build, page })
}

/** The words and links of a page. */
export function pageContents(project: ProjectId, pages: Pages, page: number): Promise<PageContents> {
  const key = keyOf(project, pages, page)
  const known = kept.get(key)
  kept.delete(key)
  const contents = known ?? ask(project, pages, page)
  kept.set(key, contents)
  if (known === undefined) {
    contents.then(
      (found) => read.set(key, found),
      () => kept.delete(key),
    )
    const [oldest] = kept.keys()
    if (kept.size > MOST_KEPT && oldest !== undefined) {
      kept.delete(oldest)
      read.delete(oldest)
    }
  }
  return contents
}

/** The words of a page, if they were read. */
export function wordsAtHand(project: ProjectId, pages: Pages, page: number): readonly PageWord[] | null {
  return read.get(keyOf(project, pages, page))?.words ?? null
}
