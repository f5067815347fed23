// The stops of the slider of a comparison: every minute of what this program keeps, and each version of the relay.
import type { TextVersion, TimelineEntry } from '../../ipc/generated'

const MINUTE_MS = 60_000

/** A moment of the past; its version, or none where that has to be looked up. */
export type Stop = { time: number; version: TextVersion | null }

/** The moments at which something was written, the oldest first. */
export function stopsOf(entries: readonly TimelineEntry[]): Stop[] {
  const stops: Stop[] = []
  for (const { version, began, ended, changes } of entries.toReversed()) {
    if (ended === null || changes === 0) continue
    if (version.side === 'here') for (let time = began ?? ended; time < ended; time += MINUTE_MS) stops.push({ time, version: null })
    stops.push({ time: ended, version })
  }
  return stops
}

/** Where a moment stands among the stops: the first that is not before it. */
export function placeOf(time: number | null, stops: readonly Stop[]): number {
  const found = time === null ? -1 : stops.findIndex((stop) => stop.time >= time)
  return found === -1 ? stops.length - 1 : found
}
