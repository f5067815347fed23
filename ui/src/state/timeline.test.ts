import { expect, test } from 'vitest'
import type { TextVersion, Timeline, TimelineEntry } from '../ipc/generated'
import { covers, sameVersion, withOlder } from './timeline'

const relay = (number: number): TextVersion => ({ side: 'relay', number })
const here = (update: number): TextVersion => ({ side: 'here', update })
const entry = (version: TextVersion, changes = 1): TimelineEntry => ({ version, changes, began: 0, ended: 0, writers: [], names: [], mark: null })
const list = (versions: readonly TextVersion[], older: number | null): Timeline => ({
  entries: versions.map((version) => entry(version)),
  source: { type: 'together' },
  older: older === null ? null : { number: older, ended: null },
})

test('what was asked for before stays behind the newest part, without a gap and without a double', () => {
  const known = list([relay(9), relay(8), relay(7), here(3)], null)
  const newest = list([relay(12), relay(9), relay(8)], 8)
  const both = withOlder(newest, known)
  expect(both.entries.map(({ version }) => version)).toEqual([relay(12), relay(9), relay(8), relay(7), here(3)])
  expect(both.older).toBeNull()
  // Nothing older was asked for yet.
  expect(withOlder(newest, list([relay(9), relay(8)], 8))).toEqual(newest)
  // What this computer keeps is another list.
  expect(withOlder(newest, { ...known, source: { type: 'away', why: '' } })).toEqual(newest)
})

test('an entry stands for all updates that led to it', () => {
  const stretch = entry(relay(9), 3)
  expect([6, 7, 8, 9, 10].map((number) => covers(stretch, relay(number)))).toEqual([false, true, true, true, false])
  expect(covers(stretch, here(9))).toBe(false)
  expect(covers(entry(here(4), 0), here(4))).toBe(true)
  expect(sameVersion(here(1), here(1)) && !sameVersion(here(1), relay(1))).toBe(true)
})
