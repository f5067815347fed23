// How it stands with a shared project, in plain words.
import type { Connection, Role, Sharing } from '../../ipc/generated'
import { sentence } from '../../state/names'

/** A word or two for the status bar, and a sentence about what they mean. */
export type ConnectionWords = { label: string; meaning: string; tone: 'good' | 'waiting' | 'bad' }

function clockTime(since: number): string {
  return new Date(since).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
}

/** What the status bar says. */
export function connectionWords({ connection, relayName, readOnly, mayDiscuss }: Pick<Sharing, 'connection' | 'relayName' | 'readOnly' | 'mayDiscuss'>): ConnectionWords {
  const read = readOnly === null ? '' : ` ${sentence(readOnly)}`
  switch (connection.type) {
    case 'connecting':
      return { label: 'Connecting …', meaning: `The relay ${relayName} is being asked what is new.${read}`, tone: 'waiting' }
    case 'online':
      if (readOnly !== null && !mayDiscuss) return { label: 'Read only', meaning: sentence(readOnly), tone: 'waiting' }
      return connection.saved
        ? { label: 'Saved on the relay', meaning: `All that you wrote is on this computer and on the relay ${relayName}.`, tone: 'good' }
        : { label: 'Saving on the relay …', meaning: 'What you wrote is saved on this computer, and is on its way to the relay.', tone: 'waiting' }
    case 'offline':
      return {
        label: `Offline since ${clockTime(connection.since)}`,
        meaning: `The relay ${relayName} is not reached: ${connection.why}. What you write is saved on this computer and goes to the relay later.${read}`,
        tone: 'bad',
      }
    case 'signedOut':
      return { label: 'Signed out', meaning: `You are signed out of the relay ${relayName}. What you write is saved on this computer; sign in to share it.`, tone: 'bad' }
    case 'noAccess':
      return {
        label: 'Not shared with you any more',
        meaning: `The project is not at the relay ${relayName} any more, or you do not belong to it any more. Your copy stays on this computer.`,
        tone: 'bad',
      }
  }
}

/** Whether co-authors can be seen now. */
export function isOnline(connection: Connection): boolean {
  return connection.type === 'online'
}

/** What a role is called, and what one can do with it. */
export const ROLES: Readonly<Record<Role, { name: string; can: string }>> = {
  owner: { name: 'Owner', can: 'writes, and decides who belongs to the project' },
  editor: { name: 'Editor', can: 'reads and writes' },
  commenter: { name: 'Commenter', can: 'reads, comments and suggests' },
  viewer: { name: 'Viewer', can: 'reads' },
}

/** The roles that an owner gives; there is one owner. */
export const GIVEN_ROLES: readonly Role[] = ['editor', 'commenter', 'viewer']

/** Until when a link or an invitation is good: a time as RFC 3339 has it, or never. */
export function endText(expiresAt: string | null, locale?: string): string {
  if (expiresAt === null) return 'good until it is taken back'
  const end = new Date(expiresAt)
  return `good until ${end.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' })}`
}

/** What stands over the editor while one may not write: why, and what becomes of what one types. */
export function bannerWords({ readOnly, mayDiscuss }: Pick<Sharing, 'readOnly' | 'mayDiscuss'>): string | null {
  if (readOnly === null) return null
  return mayDiscuss ? 'You are a commenter of this project: what you type is suggested, and its editors accept or reject it.' : sentence(readOnly)
}
