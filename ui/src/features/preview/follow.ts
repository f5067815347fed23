// What was read stays in sight when pages come or go before it. Where it has gone is told by its words: numbers of
// pages do not say, and nor does the source, whose lines have moved as well.
import type { Pages } from '../../ipc/addresses'
import type { PageWord, ProjectId } from '../../ipc/generated'
import { pageContents } from './contents'

/** So many words in a row say where one is. */
const RUN = 8
/** So many such runs are looked for. */
const MOST_RUNS = 6
/** How far what was read has moved: so many pages, and so many points on them. */
export type Move = { pages: number; down: number }

/** What is read: the words of a page from `y` on, in points. */
export type Reading = { page: number; y: number; words: readonly PageWord[] }

/** How much of what stands on a page from `y` on is found on another, and how much lower it is there; null: nothing. */
export function likeness(before: readonly PageWord[], y: number, after: readonly PageWord[]): { found: number; down: number } | null {
  if (before.length === 0) return null
  // Short enough that a new page number is in one run only.
  const length = Math.min(RUN, Math.ceil(before.length / 2))
  const inSight = before.findIndex(({ bounds }) => bounds.y >= y)
  const first = Math.max(0, Math.min(inSight === -1 ? before.length : inSight, before.length - length))
  let found = 0
  let down: number | null = null
  for (let run = 0; run < MOST_RUNS; run += 1) {
    const start = first + run * length
    if (start + length > before.length) break
    const at = indexOfRun(after, before, start, length)
    const [old, now] = [before[start], after[at]]
    if (old === undefined || now === undefined) continue
    found += 1
    down ??= now.bounds.y - old.bounds.y
  }
  return down === null ? null : { found, down }
}

function indexOfRun(words: readonly PageWord[], run: readonly PageWord[], start: number, length: number): number {
  return words.findIndex((_, at) => {
    if (at + length > words.length) return false
    for (let i = 0; i < length; i += 1) if (words[at + i]?.text !== run[start + i]?.text) return false
    return true
  })
}

/** Pages on which something may be that was on `page`: itself first, for it stays there when it is as good as any. */
export function placesFor(page: number, before: number, after: number): number[] {
  const added = after - before
  const between = Array.from({ length: Math.min(8, Math.abs(added)) }, (_, index) => page + added - Math.sign(added) * index)
  const all = [page, ...between, page + added + 1, page + added - 1, page + Math.sign(added)]
  return [...new Set(all)].filter((candidate) => candidate >= 0 && candidate < after)
}

async function search(
  project: ProjectId,
  { page: read, y, words }: Reading,
  { before, after }: { before: number; after: number },
  source: (page: number) => Pages,
): Promise<Move | null> {
  let best: { found: number; move: Move } | null = null
  for (const page of placesFor(read, before, after)) {
    const { words: now } = await pageContents(project, source(page), page)
    const like = likeness(words, y, now)
    if (like === null || like.found <= (best?.found ?? 0)) continue
    // On its own page it may stand a line lower: pages do not creep while one writes above.
    best = { found: like.found, move: { pages: page - read, down: page === read ? 0 : like.down } }
    if (like.found === MOST_RUNS) break
  }
  return best?.move ?? null
}

/** How what is read has moved, of so many pages before and after; null: not at all, or nobody knows within the time. */
export async function moveOf(
  project: ProjectId,
  reading: Reading,
  count: { before: number; after: number },
  source: (page: number) => Pages,
  patienceMs: number,
): Promise<Move | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs))
  // Newer pages may have come meanwhile: then these are not shown.
  return await Promise.race([search(project, reading, count, source).catch(() => null), late])
}
