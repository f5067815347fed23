// How it stands with files on their way to a relay and from it, in plain words.
import type { FileTransfers } from '../../ipc/generated'

/** A word or two for the status bar, and a sentence about what they mean; null when there is nothing to say. */
export type TransferWords = { label: string; meaning: string; tone: 'waiting' | 'bad' }

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}

export function transferWords({ toSend, toCome, current, percent, isStopped, keptBack }: FileTransfers): TransferWords | null {
  const going = [toSend > 0 ? `${files(toSend)} to the relay` : '', toCome > 0 ? `${files(toCome)} from it` : ''].filter((part) => part !== '').join(', ')
  if (isStopped) return { label: `${files(toSend + toCome)} waiting`, meaning: `You have stopped ${going}. The text goes on being shared.`, tone: 'bad' }
  if (toSend + toCome > 0) {
    const doing = toSend > 0 ? (toCome > 0 ? 'Sharing' : 'Sending') : 'Fetching'
    const now = current === null ? '' : ` Now: ${current}.`
    return { label: `${doing} ${files(toSend + toCome)} · ${percent} %`, meaning: `On the way: ${going}.${now}`, tone: 'waiting' }
  }
  if (keptBack.length > 0) return { label: `${files(keptBack.length)} not shared`, meaning: keptBack.length === 1 ? 'Co-authors do not have this file as you have it.' : 'Co-authors do not have these files as you have them.', tone: 'bad' }
  return null
}
