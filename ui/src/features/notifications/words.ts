// What the bell says.
import type { AccountNotifications, Notification } from '../../ipc/generated'
import { clockOf, dayOf } from '../../state/when'

/** What the bell is called: how much is new. */
export function bellLabel(unseen: number): string {
  if (unseen === 0) return 'Notifications'
  return unseen === 1 ? '1 new notification' : `${unseen} new notifications`
}

/** Between who did it and the project's name. */
export function whatHappened({ kind, thread, role }: Pick<Notification, 'kind' | 'thread' | 'role'>): string {
  switch (kind) {
    case 'invitation': {
      const article = role === 'editor' || role === 'owner' ? 'an' : 'a'
      return role === null ? 'invites you into' : `invites you, as ${article} ${role}, into`
    }
    case 'mention':
      return thread === null ? 'mentions you in the chat of' : 'mentions you in a comment in'
    case 'reply':
      return 'replied to a comment in'
  }
}

/** That the relay is not there, and of when the list is. */
export function awayWords({ relayName, toldAt }: Pick<AccountNotifications, 'relayName' | 'toldAt'>, now: number): string {
  const day = dayOf(toldAt, now)
  const when = day === 'Today' ? clockOf(toldAt) : `${day}, ${clockOf(toldAt)}`
  return `${relayName} cannot be reached now. This is what it told last: ${when}.`
}
