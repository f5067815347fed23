// What the command palette lists for what was typed: pure, so that it can be tested without a window.
import { fuzzyMatch } from './fuzzy'
import type { IconName } from './Icon'

/** What the palette looks for; the first letter typed chooses: `>` commands, `@` symbols, `:` a line, else files. */
export type PaletteMode = 'files' | 'commands' | 'symbols' | 'line'

/** Something that the palette can do or open. `id` is stable: recently used ones come first. */
export type PaletteItem = {
  id: string
  label: string
  detail?: string | undefined
  group?: string | undefined
  icon?: IconName | undefined
  shortcut?: string | undefined
  run: () => void
}

/** An item with the letters of its label that matched. */
export type PaletteHit = { item: PaletteItem; positions: readonly number[] }

export const PREFIX_OF_MODE: Readonly<Record<PaletteMode, string>> = { files: '', commands: '>', symbols: '@', line: ':' }
const MOST_HITS = 200

/** Takes the text of the field apart into mode and query. */
export function paletteMode(text: string): { mode: PaletteMode; query: string } {
  const mode = text.startsWith('>') ? 'commands' : text.startsWith('@') ? 'symbols' : text.startsWith(':') ? 'line' : 'files'
  return { mode, query: text.slice(PREFIX_OF_MODE[mode].length).trim() }
}

/** The line and column of `12` or `12:5` (or `12,5`), both from 1; null where it is not a line. */
export function parseLine(query: string): { line: number; column: number } | null {
  const match = /^(\d+)(?:[:,](\d+))?$/.exec(query)
  if (match === null) return null
  const line = Number(match[1])
  return line > 0 ? { line, column: Math.max(1, Number(match[2] ?? 1)) } : null
}

/** The items for a query, best first; recently used ones (`recent`, newest first) rise. With an empty query recent
    ones come first and the others keep their order. */
export function paletteHits(items: readonly PaletteItem[], query: string, recent: readonly string[]): PaletteHit[] {
  const age = new Map(recent.map((id, index) => [id, index]))
  const hits: { hit: PaletteHit; score: number; order: number }[] = []
  for (const [order, item] of items.entries()) {
    const inLabel = fuzzyMatch(query, item.label)
    const inDetail = inLabel === null && item.detail !== undefined ? fuzzyMatch(query, `${item.label} ${item.detail}`) : null
    const match = inLabel ?? inDetail
    if (match === null) continue
    const used = age.get(item.id)
    const lift = used === undefined ? 0 : query === '' ? 1000 - used : Math.max(0, 6 - used)
    const positions = match.positions.filter((position) => position < item.label.length)
    hits.push({ hit: { item, positions }, score: match.score + lift - (inLabel === null ? 12 : 0), order })
  }
  hits.sort((a, b) => b.score - a.score || a.order - b.order)
  return hits.slice(0, MOST_HITS).map(({ hit }) => hit)
}
