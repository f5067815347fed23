// Where pages stand on the canvas that is scrolled, and how a place stays where it is while the canvas changes.
// Pages are in PDF points, the canvas in CSS pixels; all edges fall on whole pixels of the screen, so that a picture
// of a page is never resampled.
import type { PageBox } from '../../ipc/generated'

/** CSS pixels to a point at 100 %: 96 pixels and 72 points make an inch. */
export const ACTUAL_SIZE = 96 / 72
export const LEAST_ZOOM = 0.25
export const MOST_ZOOM = 8
/** What fits is smaller than anybody would choose: two pages in a narrow pane. */
const LEAST_FIT = 0.08

/** How large pages are: as wide as the pane, whole in it, or a factor, 1 = 100 %. */
export type Zoom = { type: 'width' } | { type: 'page' } | { type: 'factor'; factor: number }

/** `book`: two beside each other, the first page alone at the right. */
export type Arrangement = 'single' | 'double' | 'book'

export type Size = { width: number; height: number }

/** A page on the canvas, in CSS pixels. */
export type Slot = { x: number; y: number; width: number; height: number }

/** Pages `[first, end)` beside each other. */
type Row = { first: number; end: number; y: number; height: number }

export type Layout = Size & {
  /** CSS pixels to a point. */
  scale: number
  /** Pixels of the screen to a point, as pictures are asked for. */
  pictureScale: number
  slots: readonly Slot[]
  rows: readonly Row[]
}

export type LayoutOptions = {
  /** What of the canvas can be seen, in CSS pixels. */
  viewport: Size
  zoom: Zoom
  arrangement: Arrangement
  /** Pixels of the screen to a CSS pixel. */
  density: number
  /** Between pages and around them, in CSS pixels. */
  gap: number
}

/** A place of a page, in points, and where it is in the viewport, in CSS pixels. */
export type Anchor = { page: number; x: number; y: number; atX: number; atY: number }

/** The pages of each row. */
function rowsOf(count: number, arrangement: Arrangement): { first: number; end: number }[] {
  const rows: { first: number; end: number }[] = []
  let first = 0
  while (first < count) {
    const size = arrangement === 'single' || (arrangement === 'book' && first === 0) ? 1 : 2
    const end = Math.min(count, first + size)
    rows.push({ first, end })
    first = end
  }
  return rows
}

/** The size that most pages have: one sheet to fold out does not make all others small. */
function usualSize(pages: readonly PageBox[]): Size {
  const counts = new Map<string, { size: Size; count: number }>()
  for (const { width, height } of pages) {
    const key = `${Math.round(width)} ${Math.round(height)}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { size: { width, height }, count: 1 })
    else known.count += 1
  }
  let usual = { size: { width: 612, height: 792 }, count: 0 }
  for (const entry of counts.values()) if (entry.count > usual.count) usual = entry
  return usual.size
}

/** The factor, 1 = 100 %, that a zoom comes to. */
export function zoomFactor(pages: readonly PageBox[], { viewport, zoom, arrangement, gap }: LayoutOptions): number {
  if (zoom.type === 'factor') return limitZoom(zoom.factor)
  const usual = usualSize(pages)
  const beside = arrangement === 'single' || pages.length < 2 ? 1 : 2
  const across = Math.max(1, viewport.width - (beside + 1) * gap) / Math.max(1, beside * usual.width)
  const down = Math.max(1, viewport.height - 2 * gap) / Math.max(1, usual.height)
  const fit = (zoom.type === 'width' ? across : Math.min(across, down)) / ACTUAL_SIZE
  return Math.min(MOST_ZOOM, Math.max(LEAST_FIT, fit))
}

export function limitZoom(factor: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, factor))
}

const STEPS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8]

/** The next zoom of the usual steps. */
export function zoomStep(factor: number, direction: 1 | -1): number {
  const near = 0.005
  if (direction === 1) return STEPS.find((step) => step > factor + near) ?? MOST_ZOOM
  return STEPS.findLast((step) => step < factor - near) ?? LEAST_ZOOM
}

/** Puts the pages on the canvas. */
export function layOut(pages: readonly PageBox[], options: LayoutOptions): Layout {
  const { viewport, arrangement, density, gap } = options
  // Pictures have whole pixels; what the page is asked for at is what it is laid out at.
  const pictureScale = Number((zoomFactor(pages, options) * ACTUAL_SIZE * density).toFixed(4))
  const scale = pictureScale / density
  const whole = (length: number) => Math.round(length * density) / density
  const sizes = pages.map((page) => ({
    width: Math.max(1, Math.round(page.width * pictureScale)) / density,
    height: Math.max(1, Math.round(page.height * pictureScale)) / density,
  }))
  const size = (page: number): Size => sizes[page] ?? { width: 0, height: 0 }
  const ranges = rowsOf(pages.length, arrangement)
  const widthOf = ({ first, end }: { first: number; end: number }) =>
    arrangement === 'single' ? size(first).width : 2 * Math.max(size(first).width, size(end - 1).width) + gap
  const width = Math.max(viewport.width, ...ranges.map((range) => widthOf(range) + 2 * gap))

  const slots: Slot[] = []
  const rows: Row[] = []
  let y = whole(gap)
  for (const { first, end } of ranges) {
    const height = Math.max(size(first).height, size(end - 1).height)
    for (let page = first; page < end; page += 1) {
      const { width: own, height: ownHeight } = size(page)
      const isRight = page > first || (arrangement === 'book' && page === 0)
      const middle = width / 2
      const x = arrangement === 'single' ? middle - own / 2 : isRight ? middle + gap / 2 : middle - gap / 2 - own
      slots.push({ x: whole(x), y: whole(y + (height - ownHeight) / 2), width: own, height: ownHeight })
    }
    rows.push({ first, end, y, height })
    y = whole(y + height + gap)
  }
  return { scale, pictureScale, slots, rows, width, height: Math.max(y, viewport.height) }
}

/** The first row that ends below `y`. */
function rowAt(layout: Layout, y: number): number {
  let low = 0
  let high = layout.rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    const row = layout.rows[middle]
    if (row !== undefined && row.y + row.height <= y) low = middle + 1
    else high = middle
  }
  return Math.min(low, Math.max(0, layout.rows.length - 1))
}

/** Pages `[first, end)` of which something is between `top` and `top + height`. */
export function pagesBetween(layout: Layout, top: number, height: number): readonly [number, number] {
  const first = layout.rows[rowAt(layout, top)]
  if (first === undefined) return [0, 0]
  let end = first.end
  for (let i = rowAt(layout, top) + 1; i < layout.rows.length; i += 1) {
    const row = layout.rows[i]
    if (row === undefined || row.y >= top + height) break
    end = row.end
  }
  return [first.first, end]
}

/** The page that one is reading: the first of which half is in sight, or that fills half of the viewport. */
export function pageInSight(layout: Layout, top: number, height: number): number {
  const first = rowAt(layout, top)
  const row = layout.rows[first]
  const isLeaving = row !== undefined && row.y + row.height - top < Math.min(row.height, height) / 2
  return (layout.rows[first + 1] !== undefined && isLeaving ? layout.rows[first + 1] : row)?.first ?? 0
}

/** What is at a point of the viewport. Beside and between pages it is the nearest page, with a place outside it. */
export function anchorAt(layout: Layout, scroll: { left: number; top: number }, at: { x: number; y: number }): Anchor {
  const x = scroll.left + at.x
  const y = scroll.top + at.y
  const row = layout.rows[rowAt(layout, y)]
  let page = row?.first ?? 0
  const second = layout.slots[page + 1]
  if (row !== undefined && row.end - row.first === 2 && second !== undefined && x >= second.x) page += 1
  const slot = layout.slots[page] ?? { x: 0, y: 0 }
  return { page, x: (x - slot.x) / layout.scale, y: (y - slot.y) / layout.scale, atX: at.x, atY: at.y }
}

/** How the canvas must be scrolled for the place to be where the anchor says; a page that is gone is the last one. */
export function scrollFor(layout: Layout, anchor: Anchor): { left: number; top: number } {
  const slot = layout.slots[Math.min(anchor.page, layout.slots.length - 1)]
  if (slot === undefined) return { left: 0, top: 0 }
  return {
    left: Math.max(0, slot.x + anchor.x * layout.scale - anchor.atX),
    top: Math.max(0, slot.y + anchor.y * layout.scale - anchor.atY),
  }
}
