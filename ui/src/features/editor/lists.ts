// What Enter does in a list: behind an item comes the next \item, behind an empty one the list ends. Pure.
import { type Lines, tagsOf, withoutComment } from './environments'

/** What Enter did not do yet, in the new line. */
export type ListStep =
  /** Write `before` and `after` around the cursor. */
  | { kind: 'item'; before: string; after: string }
  /** The empty item goes; so does the new line, and writing goes on below the line of `\end`, or where the item was. */
  | { kind: 'leave'; end: number | null }

const LISTS = /^(?:itemize|enumerate|description|compactitem|compactenum|compactdesc|inparaenum|inparaitem)\*?$/
/** Farther up nobody looks for the beginning of a list: it bounds what an Enter may cost. */
const LIMIT_LINES = 2000

/** The innermost environment that is open at the end of a line: its name and the line of its `\begin`. */
function openAt(lines: Lines, line: number): { name: string; line: number } | null {
  let ended = 0
  for (let number = line; number >= Math.max(1, line - LIMIT_LINES); number -= 1) {
    for (const tag of tagsOf(lines.line(number), number).toReversed()) {
      if (tag.kind === 'end') ended += 1
      else if (ended > 0) ended -= 1
      else return { name: tag.name, line: number }
    }
  }
  return null
}

/** What belongs to an Enter that parted `line` from the line below it; null outside of lists. */
export function listStep(lines: Lines, line: number): ListStep | null {
  const text = lines.line(line)
  const rest = lines.line(line + 1)
  if (withoutComment(text) !== text || text.trim() === '' || /^\s*\\(?:item|end)\b/.test(rest)) return null
  const list = openAt(lines, line)
  if (list === null || !LISTS.test(list.name)) return null
  const isItem = /^\s*\\item\b/.test(text)
  if (!isItem && list.line !== line) return null
  if (/^\s*\\item\s*(?:\[\s*\])?\s*$/.test(text) && rest.trim() === '') return { kind: 'leave', end: endBelow(lines, line + 2, list.name) }
  // At the \begin, the new line is the first item's; in front of an \item the cursor was at its very start.
  return /^(?:description|compactdesc)/.test(list.name) ? { kind: 'item', before: '\\item[', after: '] ' } : { kind: 'item', before: '\\item ', after: '' }
}

/** The line of the list's `\end`, when nothing but blank lines comes before it. */
function endBelow(lines: Lines, from: number, name: string): number | null {
  for (let number = from; number <= lines.count; number += 1) {
    const text = lines.line(number).trim()
    if (text === '') continue
    return text === `\\end{${name}}` ? number : null
  }
  return null
}
