// Which pages are shown: those of the last build, but for what has changed with the text since. What is read stays in sight
// when pages come or go before it: a page whose place another takes waits, until the one is there that says what it said.
import { create } from 'zustand'
import type { Pages } from '../../ipc/addresses'
import type { PageBox, PreviewInfo, ProjectId, ShownPages } from '../../ipc/generated'
import { type LiveCount, type LivePage, type OpenProject, useProject } from '../../state/project'
import { wordsAtHand } from './contents'
import { moveOf, type Reading } from './follow'
import { port } from './port'

type LivePages = ReadonlyMap<number, LivePage>

type Shown = {
  project: ProjectId | null
  preview: PreviewInfo | null
  live: LivePages
  /** How large they are; another array only when one is another. */
  pages: readonly PageBox[]
  /** By how many pages what is read has moved in all. */
  moved: number
}

const NOTHING: Shown = { project: null, preview: null, live: new Map(), pages: [], moved: 0 }

/** The pages that are shown in this window. */
export const useShown = create<Shown>(() => NOTHING)

/** Whose page it is that is shown in a place. */
export function sourceOf(page: number): Pages {
  const { preview, live } = useShown.getState()
  const version = live.get(page)?.version
  return version === undefined ? { build: preview?.number ?? 0 } : { live: version }
}

/** All pages, as the application knows them. */
export function shownPages(): ShownPages {
  const { preview, live, pages } = useShown.getState()
  return { number: preview?.number ?? 0, count: pages.length, live: [...live].map(([page, { version }]) => ({ page, version })) }
}

/** Points: less is how a number is written. */
const SAME = 0.02

const isSame = (a: PageBox, b: PageBox) => Math.abs(a.width - b.width) < SAME && Math.abs(a.height - b.height) < SAME

/** The sizes of the pages. */
export function pagesShown(built: readonly PageBox[], live: LivePages, counted: LiveCount | null): readonly PageBox[] {
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

/** What has happened since no run was under way last: then the edits up to `since` were shown. */
export type Period = { since: number; by: number }

/** By how many pages what is read on a page has moved; `wait`: that is going to be known. */
export function moveOfRead(live: LivePages, ended: LiveCount | null, { since, by }: Period, page: number): number | 'wait' {
  const end = ended !== null && ended.revision > since ? ended : null
  const own = live.get(page)
  const was = page - by
  const isGone = end !== null && page >= end.pages
  const isReplaced = own !== undefined && own.revision > since && own.cameFrom !== null && own.cameFrom !== was
  if (!isGone && !isReplaced) return 0
  for (const [place, { revision, cameFrom }] of live) if (revision > since && cameFrom === was) return place - page
  return end === null ? 'wait' : 0
}

/** Longer than this no page waits. */
const PATIENCE_MS = 400
/** What is there already may come back to its place for so long. */
const LATE_MS = 3000

let period: Period = { since: 0, by: 0 }
/** What was read when nothing was under way last; `isLost` when its page is another, of which nothing else is known. */
let rested: { count: number; reading: Reading | null; isLost: boolean } = { count: 0, reading: null, isLost: false }
/** Of `moved`, what the canvas follows already. */
let laidOut = 0
let last: OpenProject | null = null
let searching: object | null = null
let patience: ReturnType<typeof setTimeout> | undefined
/** Once no page was worth waiting for, none is until the run is over. */
let isPatient = true

/** The canvas is laid out for pages that have moved by so much. */
export function movedOnCanvas(moved: number): void {
  laidOut = moved
}

/** What is read, with its words, if these are known. */
function readNow(): Reading | null {
  const { project } = useShown.getState()
  const place = port.reading()
  if (project === null || place === null) return null
  const page = place.page + useShown.getState().moved - laidOut
  const words = wordsAtHand(project, sourceOf(page), page)
  return words === null ? null : { page, y: place.y, words }
}

function show(open: OpenProject, preview: PreviewInfo, move: { pages: number; down: number }): void {
  clearTimeout(patience)
  patience = undefined
  const old = useShown.getState()
  const sizes = pagesShown(preview.pages, open.live, open.liveCount)
  const isAsBefore = sizes.length === old.pages.length && sizes.every((size, page) => size === old.pages[page])
  const moved = old.moved + move.pages
  // Those that the canvas does not follow yet as well.
  if (move.pages !== 0) port.holdMoved({ pages: moved - laidOut, down: move.down })
  period.by += move.pages
  useShown.setState({ project: open.id, preview, live: open.live, pages: isAsBefore ? old.pages : sizes, moved })
}

const STAYS = { pages: 0, down: 0 }

function take(open: OpenProject | null): void {
  const preview = open?.preview ?? null
  if (open === null || preview === null) {
    if (useShown.getState().project !== null) useShown.setState(NOTHING)
    return restart(open)
  }
  const isNews = last === null || last.id !== open.id || last.preview !== preview || last.live !== open.live || last.liveCount !== open.liveCount
  if (!isNews || (searching !== null && last?.id === open.id)) return
  const now = useShown.getState()
  if (now.project !== open.id || now.preview === null) {
    restart(open)
    useShown.setState({ moved: 0 })
    return show(open, preview, STAYS)
  }
  const isFirst = last?.liveCount === open.liveCount && last.live !== open.live && [...last.live.values()].every((page) => page.revision <= period.since)
  if (isFirst) rested = { count: now.pages.length, reading: readNow(), isLost: false }
  last = open
  const reading = port.reading()
  const page = reading === null ? null : reading.page + now.moved - laidOut
  const own = page === null ? undefined : open.live.get(page)
  rested.isLost ||= own !== undefined && own.revision > period.since && own.cameFrom === null
  if (preview !== now.preview) {
    const count = pagesShown(preview.pages, open.live, open.liveCount).length
    // Pages that came with the text are there already when the build brings them.
    const read = count === now.pages.length || rested.isLost ? null : readNow()
    if (read !== null) return search(open, preview, read, now.pages.length)
  }
  const move = page === null ? 0 : moveOfRead(open.live, open.liveCount, period, page)
  if (move === 'wait' && isPatient) {
    patience ??= setTimeout(() => {
      isPatient = false
      last = null
      take(useProject.getState().open)
    }, PATIENCE_MS)
    return
  }
  show(open, preview, { pages: move === 'wait' ? 0 : move, down: 0 })
  const { liveCount } = open
  const isOver = liveCount !== null && liveCount.revision > period.since
  if (!isOver && (open.live.size > 0 || preview.revision <= period.since)) return
  // Where there was nothing to compare pages with, their words tell it.
  const { count, reading: before, isLost } = rested
  const mayHaveMoved = isLost && period.by === 0 && before !== null && before.page === page
  rested = { count, reading: null, isLost: false }
  period = { since: liveCount?.revision ?? preview.revision, by: 0 }
  isPatient = true
  const { pages } = useShown.getState()
  if (mayHaveMoved && pages.length !== count) void bringBack(open, preview, before, count)
}

const pagesOf = (open: OpenProject, preview: PreviewInfo) => ({
  after: pagesShown(preview.pages, open.live, open.liveCount).length,
  source: (page: number): Pages => {
    const version = open.live.get(page)?.version
    return version === undefined ? { build: preview.number } : { live: version }
  },
})

/** Looks where the words have gone that were read, though other pages are shown meanwhile. */
async function bringBack(open: OpenProject, preview: PreviewInfo, reading: Reading, before: number): Promise<void> {
  const { after, source } = pagesOf(open, preview)
  const { moved } = useShown.getState()
  const move = await moveOf(open.id, reading, { before, after }, source, LATE_MS)
  const now = useProject.getState().open
  const isThere = useShown.getState().moved === moved && port.reading()?.page === reading.page
  if (move === null || searching !== null || !isThere || now === null || now.id !== open.id || now.preview === null) return
  show(now, now.preview, move)
  // What is to be read now was there when the run was over.
  period.by -= move.pages
}

/** Looks where the words have gone that are read; what is new is shown when that is known. */
function search(open: OpenProject, preview: PreviewInfo, reading: Reading, before: number): void {
  const mine = {}
  searching = mine
  const { after, source } = pagesOf(open, preview)
  void moveOf(open.id, reading, { before, after }, source, PATIENCE_MS).then((move) => {
    if (searching !== mine) return
    searching = null
    show(open, preview, move ?? STAYS)
    period.by = 0
    take(useProject.getState().open)
  })
}

function restart(open: OpenProject | null): void {
  clearTimeout(patience)
  patience = undefined
  searching = null
  isPatient = true
  laidOut = 0
  last = open
  period = { since: open?.liveCount?.revision ?? open?.preview?.revision ?? 0, by: 0 }
  rested = { count: 0, reading: null, isLost: false }
}

useProject.subscribe(({ open }) => take(open))
take(useProject.getState().open)
