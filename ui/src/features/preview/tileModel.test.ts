import { expect, it } from 'vitest'
import { pictureScaleWithin, tilesIn } from './tileModel'

it('shows a page as one picture until it is too large', () => {
  expect(pictureScaleWithin(2, { width: 1190, height: 1684 })).toBe(2)
  const scale = pictureScaleWithin(8, { width: 4762, height: 6735 })
  expect(scale).toBeLessThan(4)
  expect((scale / 8) ** 2 * 4762 * 6735).toBeLessThanOrEqual(2_100_001)
})

it('gives the tiles in sight, cut at the edges of the page', () => {
  const page = { width: 2500, height: 3000 }
  expect(tilesIn(page, { x: 1000, y: 100, width: 100, height: 50 })).toEqual([
    { x: 0, y: 0, width: 1024, height: 1024 },
    { x: 1024, y: 0, width: 1024, height: 1024 },
  ])
  expect(tilesIn(page, { x: 2400, y: 2900, width: 900, height: 900 })).toEqual([{ x: 2048, y: 2048, width: 452, height: 952 }])
  expect(tilesIn(page, { x: -900, y: -900, width: 100, height: 100 })).toEqual([])
})
