import { expect, test } from 'vitest'
import type { PageWord } from '../../ipc/generated'
import { likeness, placesFor } from './follow'

/** A line of text every 12 points, four words to a line. */
function page(text: string, top = 100): PageWord[] {
  const word = (word: string, index: number): PageWord => ({
    text: word,
    bounds: { x: 10, y: top + 12 * Math.floor(index / 4), width: 20, height: 10 },
    angle: 0,
    gap: 'space',
  })
  return text.split(' ').map(word)
}

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, index) => `w${from + index}`).join(' ')

test('words that were pushed down are found lower', () => {
  expect(likeness(page(numbered(0, 40)), 0, page(numbered(0, 40), 148))).toEqual({ found: 5, down: 48 })
})

test('what is above the window does not count', () => {
  const before = page(numbered(0, 40))
  const after = page(`${numbered(100, 20)} ${numbered(20, 20)}`)
  expect(likeness(before, 160, after)).toEqual({ found: 2, down: 0 })
  expect(likeness(before, 0, page(numbered(200, 40)))).toBeNull()
})

test('a page with few words is known by half of them, whatever its number', () => {
  const before = page('Marker21 begins it. Two more lines. 21')
  expect(likeness(before, 0, page('Marker21 begins it. Two more lines. 23'))).toEqual({ found: 1, down: 0 })
  expect(likeness(before, 0, page('Marker19 begins it. Two more lines. 21'))).toBeNull()
  expect(likeness([], 0, page('Marker20 begins it.'))).toBeNull()
})

test('the own page is asked first, then those that as many pages further on', () => {
  expect(placesFor(20, 40, 42)).toEqual([20, 22, 21, 23])
  expect(placesFor(20, 42, 40)).toEqual([20, 18, 19, 17])
  expect(placesFor(0, 3, 1)).toEqual([0])
})
