import { expect, it } from 'vitest'
import { neighbour } from './moveFocus'

/** As a DOMRect, which answers through its prototype. */
class Box {
  constructor(
    private readonly column: number,
    private readonly row: number,
  ) {}
  get left() {
    return this.column * 100
  }
  get top() {
    return this.row * 200
  }
}

it('goes to the card that stands there', () => {
  // Three in a row, two in the next.
  const boxes = [0, 1, 2, 3, 4].map((index) => new Box(index % 3, Math.floor(index / 3)))
  const from = (index: number) => ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => neighbour(boxes, index, key))
  expect(from(0)).toEqual([null, 1, null, 3])
  expect(from(2)).toEqual([1, 3, null, 4])
  expect(from(4)).toEqual([3, null, 1, null])
  expect([neighbour(boxes, 2, 'Home'), neighbour(boxes, 2, 'End'), neighbour(boxes, 2, 'a')]).toEqual([0, 4, null])
})
