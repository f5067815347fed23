import { expect, test } from 'vitest'
import { dayOf, spanOf } from './when'

const at = (year: number, month: number, day: number, hour: number, minute = 0) => new Date(year, month - 1, day, hour, minute).getTime()
const now = at(2026, 3, 10, 0, 30)

test('days are called as people call them', () => {
  expect(dayOf(at(2026, 3, 10, 0, 1), now, 'en')).toBe('Today')
  expect(dayOf(at(2026, 3, 9, 23, 59), now, 'en')).toBe('Yesterday')
  expect(dayOf(at(2026, 3, 5, 12), now, 'en')).toBe('Thursday')
  expect(dayOf(at(2026, 1, 5, 12), now, 'en-GB')).toBe('5 January')
  expect(dayOf(at(2025, 12, 31, 12), now, 'en-GB')).toBe('31 December 2025')
})

test('a minute of work is one time', () => {
  expect(spanOf(at(2026, 3, 9, 14, 32), at(2026, 3, 9, 14, 32), 'en')).toBe('14:32')
  expect(spanOf(at(2026, 3, 9, 9, 5), at(2026, 3, 9, 14, 32), 'en')).toBe('09:05–14:32')
})
