// Writing together: who is signed in where, how the open project is shared, who is here, whom one follows.
import { create } from 'zustand'
import { commands, type Event, type Person, type ProjectId, type ProjectPath, type RelayAccount, type Sharing } from '../ipc/generated'
import { attempt } from './attempt'
import { goToFile, openFile, openProject, useProject } from './project'
import { refreshPast } from './timeline'

/** Somebody to go to, once: `number` tells it from the same wish again. */
export type Jump = { number: number; user: string }

type State = {
  accounts: readonly RelayAccount[]
  /** How projects are shared, as was told since the start; events may come before a project is shown. */
  sharing: ReadonlyMap<ProjectId, Sharing | null>
  people: ReadonlyMap<ProjectId, readonly Person[]>
  /** The one whom the editor follows. */
  following: string | null
  jump: Jump | null
}

export const useSharing = create<State>(() => ({ accounts: [], sharing: new Map(), people: new Map(), following: null, jump: null }))

const NOBODY: readonly Person[] = []

/** How the open project is shared. */
export function useOpenSharing(): Sharing | null {
  const project = useProject((state) => state.open?.id)
  const atFirst = useProject((state) => state.open?.sharing ?? null)
  const told = useSharing((state) => (project === undefined ? undefined : state.sharing.get(project)))
  return told === undefined ? atFirst : told
}

/** Likewise, for who asks once. */
export function openSharing(): Sharing | null {
  const { open } = useProject.getState()
  if (open === null) return null
  const told = useSharing.getState().sharing.get(open.id)
  return told === undefined ? open.sharing : told
}

/** What one may do in a project: write its texts; comment on them and suggest changes; or only read. */
export type Rights = 'write' | 'discuss' | 'read'

export function rightsIn(sharing: Pick<Sharing, 'readOnly' | 'mayDiscuss'> | null): Rights {
  if (sharing === null || sharing.readOnly === null) return 'write'
  return sharing.mayDiscuss ? 'discuss' : 'read'
}

/** What one may do in the open project. */
export function useRights(): Rights {
  return rightsIn(useOpenSharing())
}

/** Who else has the open project open. */
export function usePeople(): readonly Person[] {
  const project = useProject((state) => state.open?.id)
  return useSharing((state) => (project === undefined ? NOBODY : (state.people.get(project) ?? NOBODY)))
}

/** Takes what the application tells about sharing; false when it is about something else. */
export function takeSharing(event: Event): boolean {
  if (event.type === 'relaysChanged') void loadAccounts()
  else if (event.type === 'sharing') useSharing.setState((state) => ({ sharing: new Map(state.sharing).set(event.project, event.sharing) }))
  else if (event.type === 'versionsNamed') void refreshPast(event.project)
  else if (event.type === 'present') {
    useSharing.setState((state) => ({ people: new Map(state.people).set(event.project, event.people) }))
    followOn(event.project)
  } else return false
  return true
}

export async function loadAccounts(): Promise<void> {
  await attempt(async () => useSharing.setState({ accounts: await commands.relayAccounts() }))
}

function placeOf(user: string): ProjectPath | null {
  const project = useProject.getState().open?.id
  if (project === undefined) return null
  const person = useSharing.getState().people.get(project)?.find((known) => known.user === user)
  return person?.places[0]?.path ?? null
}

let jumps = 0

/** Goes to where somebody writes. */
export function jumpTo(user: string): void {
  const path = placeOf(user)
  if (path === null) return
  goToFile(path)
  jumps += 1
  useSharing.setState({ jump: { number: jumps, user } })
}

/** Lets the editor follow somebody, or nobody. */
export function follow(user: string | null): void {
  useSharing.setState({ following: user })
  if (user !== null) jumpTo(user)
}

/** Whom one follows may have gone to another file. */
function followOn(project: ProjectId): void {
  const { following } = useSharing.getState()
  const open = useProject.getState().open
  if (following === null || open?.id !== project) return
  const path = placeOf(following)
  if (path === null) return
  const { panes, focused } = open.panes
  if (panes[focused]?.active !== path) openFile(path, false)
}

/** Brings a project here that was joined, and shows it. */
export async function showJoined(project: ProjectId): Promise<void> {
  await openProject(project)
}
