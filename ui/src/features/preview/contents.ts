// What pages say, kept for those looked at last: words and links.
import { commands, type PageContents, type PageWord, type ProjectId } from '../../ipc/generated'

const MOST_KEPT = 48
const kept = new Map<string, Promise<PageContents>>()
const read = new Map<string, PageContents>()

const keyOf = (project: ProjectId, number: number, page: number) => `${project} ${number} ${page}`

/** The words and links of a page. */
export function pageContents(project: ProjectId, number: number, page: number): Promise<PageContents> {
  const key = keyOf(project, number, page)
  const known = kept.get(key)
  kept.delete(key)
  const contents = known ?? commands.pageContents({ project, number, page })
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
export function wordsAtHand(project: ProjectId, number: number, page: number): readonly PageWord[] | null {
  return read.get(keyOf(project, number, page))?.words ?? null
}

/** The same; none when they were not. */
export function knownWords(project: ProjectId, number: number, page: number): readonly PageWord[] {
  return wordsAtHand(project, number, page) ?? []
}
