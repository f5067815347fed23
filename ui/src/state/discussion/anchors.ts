// A place in a text that stays with its characters, whatever is written around them: the ids of the first and the
// last character, as Yjs' relative positions. They mean the same in every copy of the text.
import * as Y from 'yjs'

/** A range of a text. The quote is what stood there, for when it is gone. */
export type Anchor = { readonly start: Uint8Array; readonly end: Uint8Array; readonly quote: string }

/** Where an anchor is now, in offsets of the text; `isGone`: all its characters were deleted, and this is where they were. */
export type Place = { readonly from: number; readonly to: number; readonly isGone: boolean }

/** Fixes a range that is not empty. */
export function anchorOf(text: Y.Text, from: number, to: number): Anchor {
  return {
    start: Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, from, 0)),
    end: Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, to, -1)),
    quote: text.toString().slice(from, to),
  }
}

/** Finds an anchor; null when its characters have not come to this copy of the text yet. */
export function placeOf(text: Y.Text, anchor: Anchor): Place | null {
  const { doc } = text
  if (doc === null) return null
  const indexOf = (position: Uint8Array) => {
    try {
      const found = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(position), doc)
      return found === null || found.type !== text ? null : found.index
    } catch {
      // Bytes of a stranger.
      return null
    }
  }
  const [from, to] = [indexOf(anchor.start), indexOf(anchor.end)]
  if (from === null || to === null) return null
  if (to > from) return { from, to, isGone: false }
  const at = broughtBack(text.toString(), anchor.quote, from)
  return at === null ? { from, to: from, isGone: true } : { from: at, to: at + anchor.quote.length, isGone: false }
}

/** So far from its place a quote is looked for. */
const NEAR = 600
/** A shorter quote may stand there by chance. */
const TELLING = 12

/** A deletion that was undone brings the characters back under other ids, word for word: where. */
function broughtBack(text: string, quote: string, place: number): number | null {
  if (quote === '') return null
  for (const at of [place, place - quote.length]) if (at >= 0 && text.startsWith(quote, at)) return at
  if (quote.length < TELLING) return null
  const start = Math.max(0, place - quote.length - NEAR)
  const around = text.slice(start, place + quote.length + NEAR)
  const at = around.indexOf(quote)
  return at === -1 || around.indexOf(quote, at + 1) !== -1 ? null : start + at
}
