// Text that is selected, as places between letters of words: from one page to another, also where pages are not in
// the document of the window. What is copied is joined from it.
import type { PageBounds, PageWord } from '../../ipc/generated'

/** Before letter `letter` (a UTF-16 unit) of a word of a page. */
export type TextPlace = { page: number; word: number; letter: number }

export type TextRange = { from: TextPlace; to: TextPlace }

function isBefore(a: TextPlace, b: TextPlace): boolean {
  if (a.page !== b.page) return a.page < b.page
  if (a.word !== b.word) return a.word < b.word
  return a.letter < b.letter
}

/** In the order of the text. */
export function ordered({ from, to }: TextRange): TextRange {
  return isBefore(to, from) ? { from: to, to: from } : { from, to }
}

/** A line of words `[first, end)`; `left` and `right` are the edges of its column. */
type Line = { first: number; end: number; top: number; bottom: number; left: number; right: number }

const lines = new WeakMap<readonly PageWord[], readonly Line[]>()

/** Lines this many before and after one may be of its column, when they begin near it (in points). */
const NEIGHBOURS = 3
const INDENT = 40

function linesOf(words: readonly PageWord[]): readonly Line[] {
  const known = lines.get(words)
  if (known !== undefined) return known
  const own: Line[] = []
  let first = 0
  words.forEach(({ gap }, index) => {
    if (gap !== 'line' && index < words.length - 1) return
    const boxes = words.slice(first, index + 1).map((word) => word.bounds)
    own.push({
      first,
      end: index + 1,
      top: Math.min(...boxes.map((box) => box.y)),
      bottom: Math.max(...boxes.map((box) => box.y + box.height)),
      left: Math.min(...boxes.map((box) => box.x)),
      right: Math.max(...boxes.map((box) => box.x + box.width)),
    })
    first = index + 1
  })
  const found = own.map((line, i) => {
    const near = own.slice(Math.max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1).filter((other) => Math.abs(other.left - line.left) < INDENT)
    return { ...line, left: Math.min(...near.map((other) => other.left)), right: Math.max(...near.map((other) => other.right)) }
  })
  lines.set(words, found)
  return found
}

const outside = (at: number, from: number, to: number) => Math.max(from - at, 0, at - to)

/** The place between letters that is nearest to a point, in points of the page. */
export function placeNear(words: readonly PageWord[], page: number, x: number, y: number): TextPlace | null {
  // Lines are near each other, columns are not: to be above a line counts more.
  const far = (line: Line) => Math.hypot(outside(x, line.left, line.right), 4 * outside(y, line.top, line.bottom))
  let nearest: Line | null = null
  for (const line of linesOf(words)) if (nearest === null || far(line) < far(nearest)) nearest = line
  if (nearest === null) return null
  let best = nearest.first
  const beside = (word: number) => {
    const bounds = words[word]?.bounds ?? { x: 0, width: 0 }
    return outside(x, bounds.x, bounds.x + bounds.width)
  }
  for (let word = nearest.first; word < nearest.end; word += 1) if (beside(word) < beside(best)) best = word
  const { bounds, text } = words[best] ?? { bounds: { x: 0, width: 0 }, text: '' }
  const part = bounds.width === 0 ? 0 : (x - bounds.x) / bounds.width
  return { page, word: best, letter: Math.round(Math.min(1, Math.max(0, part)) * text.length) }
}

/** What is selected of the words of one page: first and last word, and the letters in them. */
export function rangeOnPage(range: TextRange, page: number, words: readonly PageWord[]): TextRange | null {
  const { from, to } = ordered(range)
  if (page < from.page || page > to.page || words.length === 0) return null
  const last = words.length - 1
  const start = page === from.page ? from : { page, word: 0, letter: 0 }
  const end = page === to.page ? to : { page, word: last, letter: words[last]?.text.length ?? 0 }
  return { from: start, to: end }
}

/** What a selection covers of a page: a box for each line. */
export function boxesOf(words: readonly PageWord[], { from, to }: TextRange): PageBounds[] {
  const boxes: PageBounds[] = []
  for (const line of linesOf(words)) {
    const first = Math.max(line.first, from.word)
    const last = Math.min(line.end - 1, to.word)
    if (first > last) continue
    const start = edgeOf(words[first], first === from.word ? from.letter : 0)
    const end = edgeOf(words[last], last === to.word ? to.letter : Number.POSITIVE_INFINITY)
    if (end > start) boxes.push({ x: start, y: line.top, width: end - start, height: line.bottom - line.top })
  }
  return boxes
}

/** Where a letter of a word begins; letters are taken to be equally wide. */
function edgeOf(word: PageWord | undefined, letter: number): number {
  if (word === undefined) return 0
  const part = word.text.length === 0 ? 0 : Math.min(1, letter / word.text.length)
  return word.bounds.x + part * word.bounds.width
}

/** More than the widest space of a line, in heights of it: lines that are ragged end where no word has room. */
const SPACES = 0.8

const BROKEN = /\p{L}[-\u2010\u00ad]$/u
const GOES_ON = /^\p{Ll}/u

/** The selected text of a page. Lines of a paragraph become one; a word broken over lines is whole again. */
export function textOf(words: readonly PageWord[], { from, to }: TextRange): string {
  const lineEnds = new Map(linesOf(words).map((line) => [line.end - 1, line]))
  let text = ''
  for (let i = from.word; i <= to.word; i += 1) {
    const word = words[i]
    if (word === undefined) break
    const part = word.text.slice(i === from.word ? from.letter : 0, i === to.word ? to.letter : undefined)
    const next = words[i + 1]
    if (i === to.word || next === undefined) text += part
    else if (word.gap === 'none') text += part
    else if (word.gap === 'space') text += `${part} `
    else if (BROKEN.test(word.text)) text += GOES_ON.test(next.text) ? part.slice(0, -1) : part
    else text += part + (endsParagraph(word, next, lineEnds.get(i)) ? '\n' : ' ')
  }
  return text
}

/** Another kind of line follows, or one that is far; or the next word would have had room, and was put below it. */
function endsParagraph(word: PageWord, next: PageWord, line: Line | undefined): boolean {
  const height = Math.max(1, word.bounds.height)
  const down = next.bounds.y - word.bounds.y
  if (down > 1.6 * height || down < -height || Math.abs(next.bounds.height - word.bounds.height) > 0.3 * height) return true
  const room = (line?.right ?? 0) - word.bounds.x - word.bounds.width
  return line !== undefined && room > next.bounds.width + SPACES * height
}
