import { expect, test } from 'vitest'
import type { HistoryEntry } from '../../ipc/generated'
import { minutesOf, placeOf } from './minutes'

const entry = (began: number, ended: number): HistoryEntry => ({ first: 1, last: 2, began, ended, author: '', names: [] })

test('a stretch of work is parted into minutes, and every one of them can be stopped at', () => {
  const minutes = minutesOf([entry(600_000, 750_000), entry(0, 0)])
  expect(minutes).toEqual([0, 600_000, 660_000, 720_000, 750_000])
  // What is shown for a minute was written in it, up to its end.
  expect([0, 600_000, 610_000, 660_000, 719_000, 750_000].map((time) => placeOf(time, minutes))).toEqual([0, 1, 2, 2, 3, 4])
  expect(placeOf(null, minutes)).toBe(4)
  expect(placeOf(900_000, minutes)).toBe(4)
})
