// How long what is typed takes to the disk: from the edit of the text until it is durable, as an entry `quire:durable`
// of the browser's timeline for every edit. The last one is kept; whoever wants all observes them, after having set the
// mark `quire:watch-durability`: nobody else needs to ask. When it was durable the application says: its answer comes
// when this window has time for it.
import { commands } from './generated'

const DURABLE = 'quire:durable'
const WATCH = 'quire:watch-durability'

/** The edits of one document that are on their way to the disk. */
export class Durability {
  /** When each edit was made that has not left yet. */
  #made: number[] = []

  /** An edit was made. */
  edited(): void {
    if (performance.getEntriesByName(WATCH).length > 0) this.#made.push(performance.now())
  }

  /** The edits made so far have left together. */
  left(): void {
    const edits = this.#made
    this.#made = []
    if (edits.length > 0) void ask(edits)
  }
}

async function ask(edits: readonly number[]): Promise<void> {
  try {
    const { unsaved, savedAt } = await commands.settle()
    if (unsaved.length === 0) for (const start of edits) tell(start, savedAt - performance.timeOrigin)
  } catch {
    // The application is closing.
  }
}

function tell(start: number, end: number): void {
  performance.clearMeasures(DURABLE)
  // The application counts whole milliseconds.
  performance.measure(DURABLE, { start, end: Math.max(start, end) })
}
