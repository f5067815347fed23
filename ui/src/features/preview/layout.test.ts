import { describe, expect, it } from 'vitest'
import { ACTUAL_SIZE, anchorAt, type LayoutOptions, layOut, pageInSight, pagesBetween, scrollFor, zoomFactor, zoomStep } from './layout'

const A4 = { width: 595.276, height: 841.89 }
const options: LayoutOptions = {
  viewport: { width: 800, height: 600 },
  zoom: { type: 'factor', factor: 1 },
  arrangement: 'single',
  density: 1,
  gap: 12,
}
const pages = (count: number) => Array.from({ length: count }, () => A4)

describe('layout', () => {
  it('puts pages below each other, centred, on whole pixels', () => {
    const layout = layOut(pages(3), options)
    expect(layout.slots).toEqual([
      { x: 12, y: 12, width: 794, height: 1122 },
      { x: 12, y: 1146, width: 794, height: 1122 },
      { x: 12, y: 2280, width: 794, height: 1122 },
    ])
    expect(layout.height).toBe(3414)
    const dense = layOut(pages(3), { ...options, density: 1.5 })
    for (const slot of dense.slots) for (const edge of Object.values(slot)) expect((edge * 1.5) % 1).toBeCloseTo(0)
  })

  it('puts two beside each other, in a book the first alone at the right', () => {
    const at = (arrangement: 'double' | 'book') => layOut(pages(4), { ...options, arrangement }).rows.map(({ first, end }) => [first, end])
    expect(at('double')).toEqual([[0, 2], [2, 4]])
    expect(at('book')).toEqual([[0, 1], [1, 3], [3, 4]])
    const book = layOut(pages(4), { ...options, arrangement: 'book' })
    expect(book.slots[0]?.x).toBe(book.slots[2]?.x)
    expect(book.slots[3]?.x).toBe(book.slots[1]?.x)
  })

  it('fits the width and the page, by the size that most pages have', () => {
    const mixed = [...pages(3), { width: 1190, height: 841.89 }]
    const width = zoomFactor(mixed, { ...options, zoom: { type: 'width' } })
    expect(width * ACTUAL_SIZE * A4.width).toBeCloseTo(776)
    const page = zoomFactor(mixed, { ...options, zoom: { type: 'page' } })
    expect(page * ACTUAL_SIZE * A4.height).toBeCloseTo(576)
    const narrow = zoomFactor(pages(2), { ...options, viewport: { width: 300, height: 600 }, zoom: { type: 'page' }, arrangement: 'double' })
    expect(2 * narrow * ACTUAL_SIZE * A4.width).toBeCloseTo(264)
  })

  it('finds the pages in sight', () => {
    const layout = layOut(pages(246), options)
    expect(pagesBetween(layout, 0, 600)).toEqual([0, 1])
    expect(pagesBetween(layout, 1100, 600)).toEqual([0, 2])
    expect(pagesBetween(layout, 1134, 600)).toEqual([1, 2])
    expect(pagesBetween(layout, layout.height, 600)).toEqual([245, 246])
    expect(pagesBetween(layOut([], options), 0, 600)).toEqual([0, 0])
    expect(pageInSight(layout, 700, 600)).toBe(0)
    expect(pageInSight(layout, 1100, 600)).toBe(1)
    expect(pageInSight(layout, layout.height, 600)).toBe(245)
  })

  it('zooms around a point', () => {
    const before = layOut(pages(20), options)
    const pointer = { x: 420, y: 333 }
    const anchor = anchorAt(before, { left: 0, top: 5000 }, pointer)
    const after = layOut(pages(20), { ...options, zoom: { type: 'factor', factor: 3 } })
    const scroll = scrollFor(after, anchor)
    const again = anchorAt(after, scroll, pointer)
    expect(again.page).toBe(anchor.page)
    expect(again.x).toBeCloseTo(anchor.x)
    expect(again.y).toBeCloseTo(anchor.y)
  })

  it('stays at the same place of the same page when pages change before and after it', () => {
    const before = layOut(pages(10), options)
    const anchor = anchorAt(before, { left: 0, top: 4000 }, { x: 0, y: 0 })
    const grown = [{ width: 595.276, height: 1000 }, ...pages(14)]
    const after = layOut(grown, options)
    const scroll = scrollFor(after, anchor)
    expect(scroll.top - (after.slots[anchor.page]?.y ?? 0)).toBeCloseTo(4000 - (before.slots[anchor.page]?.y ?? 0))
    expect(scroll.top).not.toBe(4000)
  })

  it('shows the last page when the one that was in sight is gone', () => {
    const anchor = anchorAt(layOut(pages(10), options), { left: 0, top: 9000 }, { x: 0, y: 0 })
    const after = layOut(pages(2), options)
    expect(pagesBetween(after, scrollFor(after, anchor).top, 600)).toEqual([1, 2])
  })

  it('steps between usual zooms', () => {
    expect(zoomStep(1, 1)).toBe(1.1)
    expect(zoomStep(0.97, -1)).toBe(0.9)
    expect(zoomStep(8, 1)).toBe(8)
    expect(zoomStep(0.25, -1)).toBe(0.25)
  })
})
