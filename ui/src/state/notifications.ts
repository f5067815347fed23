// What one is to know of: invitations, mentions and replies, as the relays at which one is signed in have told it last; and
// where one goes from there.
import { create } from 'zustand'
import { type AccountNotifications, commands, type Event, type Notification, type ProjectId } from '../ipc/generated'
import { attempt } from './attempt'
import { openProject } from './project'

/** What is to be shown once its project is open: a message in a thread, or in the chat. */
export type Goal = { readonly project: ProjectId; readonly thread: string | null; readonly message: string }

type State = {
  /** One for each who is signed in at a relay that tells of anything. */
  lists: readonly AccountNotifications[]
  goal: Goal | null
}

export const useNotifications = create<State>(() => ({ lists: [], goal: null }))

export async function loadNotifications(): Promise<void> {
  await attempt(async () => useNotifications.setState({ lists: await commands.notifications() }))
}

/** Takes what the application tells; false when it is about something else. */
export function takeNotifications(event: Event): boolean {
  if (event.type !== 'notificationsChanged') return false
  void loadNotifications()
  return true
}

/** How many were not seen, at all relays. */
export function unseenIn(lists: readonly AccountNotifications[]): number {
  return lists.reduce((sum, { unseen }) => sum + unseen, 0)
}

/** All of one relay are seen. */
export async function seeAll({ relay, user, notifications }: AccountNotifications): Promise<void> {
  const last = notifications[0]
  if (last !== undefined) await attempt(() => commands.seeNotifications({ relay, user, id: last.id }))
}

/** Goes to what it is about: the message, or the project to which one was invited. */
export async function openNotification({ relay, user, isAway }: AccountNotifications, one: Notification): Promise<void> {
  // That it was seen is told when the relay can be told.
  if (!one.isSeen && isAway === null) void attempt(() => commands.seeNotification({ relay, user, id: one.id }))
  const { project, thread, message, invitation } = one
  if (invitation !== null) {
    await attempt(async () => openProject(await commands.acceptInvitation({ relay, user, invitation })), 'You could not join the project.')
    return
  }
  if (message === null) return
  const isThere = await attempt(async () => {
    const isHere = await commands.openProject({ project }).then(
      () => true,
      () => false,
    )
    if (!isHere) await commands.openFromRelay({ project, relay, user })
  }, 'The project cannot be opened.')
  if (!isThere) return
  useNotifications.setState({ goal: { project, thread, message } })
  await openProject(project)
}
