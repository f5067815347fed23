// Finds what was meant by a few typed letters: `chint` finds chapters/introduction.tex.

/** How well a text fits, higher is better, and which UTF-16 positions of it matched. */
export type FuzzyMatch = { score: number; positions: readonly number[] }

const ADJACENT = 8
const WORD_START = 10
const SAME_CASE = 1
const GAP = 1
const MOST_GAP = 12
const IMPOSSIBLE = Number.NEGATIVE_INFINITY

function startsWord(text: string, index: number): boolean {
  if (index === 0) return true
  const before = text[index - 1] ?? ''
  const here = text[index] ?? ''
  return /[\s/\\_.\-:({[]/.test(before) || (/\p{Ll}|\d/u.test(before) && /\p{Lu}/u.test(here))
}

/** Fits the letters of `query` into `text` in their order, the best way there is, or null where they do not
    occur. Case and spaces of the query do not matter. Time: query × text. */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | null {
  const wanted = query.replaceAll(/\s+/g, '')
  if (wanted === '') return { score: 0, positions: [] }
  const lowText = text.toLowerCase()
  const lowWanted = wanted.toLowerCase()
  if (lowText.length !== text.length || !isSubsequence(lowWanted, lowText)) return null
  const width = text.length
  // best[i][j]: the best score when letter i stands at j; from[i][j]: where letter i-1 then stands.
  let best: number[] = []
  const from: number[][] = []
  for (let letter = 0; letter < lowWanted.length; letter += 1) {
    const row = Array.from({ length: width }, () => IMPOSSIBLE)
    const origin = Array.from({ length: width }, () => -1)
    let running = letter === 0 ? 0 : IMPOSSIBLE
    let runningAt = -1
    for (let at = letter; at < width; at += 1) {
      const previous = at > 0 ? (best[at - 1] ?? IMPOSSIBLE) : IMPOSSIBLE
      if (letter > 0) {
        running -= GAP
        if (previous - GAP > running) {
          running = previous - GAP
          runningAt = at - 1
        }
      }
      if (lowText[at] !== lowWanted[letter]) continue
      const own = (startsWord(text, at) ? WORD_START : 0) + (text[at] === wanted[letter] ? SAME_CASE : 0)
      if (letter === 0) {
        row[at] = own - Math.min(MOST_GAP, at) * GAP
      } else if (previous + ADJACENT >= running) {
        row[at] = previous + ADJACENT + own
        origin[at] = at - 1
      } else {
        row[at] = running + own
        origin[at] = runningAt
      }
    }
    best = row
    from.push(origin)
  }
  let last = -1
  for (let at = 0; at < width; at += 1) if ((best[at] ?? IMPOSSIBLE) > (best[last] ?? IMPOSSIBLE)) last = at
  const score = best[last]
  if (score === undefined || score === IMPOSSIBLE) return null
  const positions: number[] = []
  for (let letter = lowWanted.length - 1, at = last; letter >= 0; letter -= 1) {
    positions.unshift(at)
    at = from[letter]?.[at] ?? -1
  }
  return { score: score - Math.min(10, (width - wanted.length) / 8), positions }
}

function isSubsequence(letters: string, text: string): boolean {
  let at = 0
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}
