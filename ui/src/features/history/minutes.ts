// The minutes of the past that the slider of a comparison leads to.
import type { HistoryEntry } from '../../ipc/generated'

const MINUTE_MS = 60_000

/** The minutes in which something was written, the oldest first. */
export function minutesOf(entries: readonly HistoryEntry[]): number[] {
  const minutes: number[] = []
  for (const { began, ended } of entries.toReversed()) {
    for (let time = began; time < ended; time += MINUTE_MS) minutes.push(time)
    minutes.push(ended)
  }
  return minutes
}

/** Where a version stands among the minutes: the first that is not before it. */
export function placeOf(time: number | null, minutes: readonly number[]): number {
  const found = time === null ? -1 : minutes.findIndex((minute) => minute >= time)
  return found === -1 ? minutes.length - 1 : found
}
