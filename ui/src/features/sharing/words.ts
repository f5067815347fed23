// How it stands with a shared project, in plain words.
import type { Connection, Role, Sharing } from '../../ipc/generated'

/** A word or two for the status bar, and a sentence about what they mean. */
export type ConnectionWords = { label: string; meaning: string; tone: 'good' | 'waiting' | 'bad' }

function clockTime(since: number): string {
  return new Date(since).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
}

/** What the status bar says. */
export function connectionWords({ connection, relayName, readOnly }: Pick<Sharing, 'connection' | 'relayName' | 'readOnly'>): ConnectionWords {
  const read = readOnly === null ? '' : ` ${sentence(readOnly)}`
  switch (connection.type) {
    case 'connecting':
      return { label: 'Connecting …', meaning: `The relay ${relayName} is being asked what is new.${read}`, tone: 'waiting' }
    case 'online':
      if (readOnly !== null) return { label: 'Read only', meaning: sentence(readOnly), tone: 'waiting' }
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

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
  const stop = /[.!?]$/.test(text) ? '' : '.'
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${stop}`
}

/** What a role is called, and what one can do with it. */
export const ROLES: Readonly<Record<Role, { name: string; can: string }>> = {
  owner: { name: 'Owner', can: 'writes, and decides who belongs to the project' },
  editor: { name: 'Editor', can: 'reads and writes' },
  commenter: { name: 'Commenter', can: 'reads and comments' },
  viewer: { name: 'Viewer', can: 'reads' },
}

/** Two letters for a round sign. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = [...(words[0] ?? '')][0] ?? '?'
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ''
  return `${first}${last}`.toUpperCase()
}
