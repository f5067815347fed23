import { expect, test } from 'vitest'
import type { TextVersion, TimelineEntry } from '../../ipc/generated'
import { placeOf, stopsOf } from './minutes'

const here = (update: number): TextVersion => ({ side: 'here', update })
const entry = (version: TextVersion, began: number, ended: number, changes = 2): TimelineEntry => ({ version, changes, began, ended, writers: [], names: [], mark: null })

test('a stretch of work is parted into minutes, and every one of them can be stopped at', () => {
  const stops = stopsOf([entry(here(4), 600_000, 750_000), entry(here(2), 0, 0)])
  expect(stops.map(({ time }) => time)).toEqual([0, 600_000, 660_000, 720_000, 750_000])
  expect(stops.at(-1)?.version).toEqual(here(4))
  // What is shown for a minute was written in it, up to its end.
  expect([0, 600_000, 610_000, 660_000, 719_000, 750_000].map((time) => placeOf(time, stops))).toEqual([0, 1, 2, 2, 3, 4])
  expect(placeOf(null, stops)).toBe(4)
  expect(placeOf(900_000, stops)).toBe(4)
})

test('of the relay one stops at its versions, and a name alone is no stop', () => {
  const version: TextVersion = { side: 'relay', number: 7 }
  const stops = stopsOf([entry(version, 0, 750_000), entry(here(3), 5000, 5000, 0)])
  expect(stops).toEqual([{ time: 750_000, version }])
})
