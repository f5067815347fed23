// Monaco knows one line end per text and hides a byte order mark; a Y.Text holds what is in the file, CRLF and
// mixtures included. The model always has LF; this maps its offsets to the Y.Text's and back. All offsets are in
// UTF-16 units. In almost every file nothing is hidden, and mapping costs nothing.

const BOM = '\uFEFF'

/** What the model does not show: the offsets, ascending, of a leading byte order mark and of each CR before LF.
    `hasCr`: an edit may make or part a CRLF. */
export type HiddenUnits = {
  readonly hasBom: boolean
  readonly offsets: readonly number[]
  readonly hasCr: boolean
  readonly insertsCrlf: boolean
}

/** The text as Monaco has it: LF only, no byte order mark. A lone CR is a line end too. */
export function modelText(text: string): string {
  return withLf(text.startsWith(BOM) ? text.slice(1) : text)
}

/** The text with LF for each CRLF and CR. */
export function withLf(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text
}

/** Finds what is hidden in a text. New lines get CRLF where most lines end so. */
export function hiddenUnits(text: string): HiddenUnits {
  const hasBom = text.startsWith(BOM)
  const offsets: number[] = hasBom ? [0] : []
  for (let at = text.indexOf('\r\n'); at !== -1; at = text.indexOf('\r\n', at + 2)) offsets.push(at)
  const crlf = offsets.length - (hasBom ? 1 : 0)
  let insertsCrlf = false
  if (crlf > 0) {
    let lines = 0
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
    insertsCrlf = crlf * 2 > lines
  }
  return { hasBom, offsets, hasCr: crlf > 0 || text.includes('\r'), insertsCrlf }
}

/** The Y.Text offset of a model offset: at the end of a line before its CR, at the start of the text behind the mark. */
export function toTextOffset(hidden: HiddenUnits, modelOffset: number): number {
  const { offsets } = hidden
  if (offsets.length === 0) return modelOffset
  // offsets[i] - i is where, in the model, the i-th hidden unit would stand.
  let low = hidden.hasBom ? 1 : 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) - middle < modelOffset) low = middle + 1
    else high = middle
  }
  return modelOffset + low
}

/** The model offset of a Y.Text offset. */
export function toModelOffset(hidden: HiddenUnits, textOffset: number): number {
  const { offsets } = hidden
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) < textOffset) low = middle + 1
    else high = middle
  }
  return textOffset - low
}

/** Where two texts differ, in the middle: `old.slice(start, oldEnd)` became `new.slice(start, newEnd)`. */
export function differingMiddle(before: string, after: string): { start: number; oldEnd: number; newEnd: number } {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1
  let tail = 0
  while (tail < shorter - start && before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)) tail += 1
  return { start, oldEnd: before.length - tail, newEnd: after.length - tail }
}
