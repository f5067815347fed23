// The past of a file, as far as it was asked for: the newest versions, and older ones on demand.
import { create } from 'zustand'
import { commands, type Older, type ProjectId, type ProjectPath, type TextVersion, type Timeline, type TimelineEntry } from '../ipc/generated'
import { asCallError } from '../ipc/call'

export type Past = Timeline & { project: ProjectId; path: ProjectPath; now: number }

export const usePast = create<{ past: Past | null }>(() => ({ past: null }))

/** Older parts that are looked through for a version. */
const MOST_PARTS = 40

let asked = 0

/** Asks for the newest part of a file's past. What was asked for before stays, as far as it is older. */
export async function loadPast(project: ProjectId, path: ProjectPath): Promise<void> {
  asked += 1
  const number = asked
  try {
    const newest = await commands.timeline({ project, path, older: null })
    if (number !== asked) return
    const before = usePast.getState().past
    const known = before?.project === project && before.path === path ? before : null
    usePast.setState({ past: { ...withOlder(newest, known), project, path, now: Date.now() } })
  } catch (error) {
    if (number !== asked || asCallError(error).code === 'closing') return
    // A picture has no history.
    usePast.setState({ past: { entries: [], source: { type: 'here' }, older: null, project, path, now: 0 } })
  }
}

/** Asks again for what is shown of a project's past. */
export async function refreshPast(project: ProjectId): Promise<void> {
  const { past } = usePast.getState()
  if (past?.project === project) await loadPast(project, past.path)
}

/** Asks for the versions before those that are there; false when there are none. */
export async function loadOlder(): Promise<boolean> {
  const { past } = usePast.getState()
  if (past === null || past.older === null) return false
  const part = await commands.timeline({ project: past.project, path: past.path, older: past.older })
  const now = usePast.getState().past
  if (now === null || now.path !== past.path || !isSame(now.older, past.older)) return true
  usePast.setState({ past: { ...now, entries: [...now.entries, ...part.entries], older: part.older } })
  return true
}

function isSame(one: Older | null, other: Older | null): boolean {
  return one?.number === other?.number
}

/** The newest part with what was known to be older than it. */
export function withOlder(newest: Timeline, known: Timeline | null): Timeline {
  const end = newest.older
  if (end === null || known === null || known.source.type !== newest.source.type) return newest
  const from = known.entries.findIndex(({ version }) => version.side === 'relay' && version.number < end.number)
  return from === -1 ? newest : { ...newest, entries: [...newest.entries, ...known.entries.slice(from)], older: known.older }
}

export function sameVersion(one: TextVersion, other: TextVersion): boolean {
  if (one.side === 'here') return other.side === 'here' && one.update === other.update
  return other.side === 'relay' && one.number === other.number
}

/** Whether a version is that of an entry, or one on the way to it. */
export function covers({ version, changes }: TimelineEntry, sought: TextVersion): boolean {
  if (version.side === 'here') return sought.side === 'here' && sought.update <= version.update && sought.update > version.update - Math.max(1, changes)
  return sought.side === 'relay' && sought.number <= version.number && sought.number > version.number - Math.max(1, changes)
}

/** The entry of a version, looked for in older and older parts. */
export async function findEntry(project: ProjectId, path: ProjectPath, sought: TextVersion): Promise<TimelineEntry | null> {
  await loadPast(project, path)
  for (let part = 0; part < MOST_PARTS; part += 1) {
    const found = usePast.getState().past?.entries.find((entry) => covers(entry, sought))
    if (found !== undefined) return found
    if (!(await loadOlder())) return null
  }
  return null
}
