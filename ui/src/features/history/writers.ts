// Who wrote something, in words. Pure.
import type { TimelineEntry, Writer } from '../../ipc/generated'

/** What somebody is called; empty for who is not known. */
export function nameOfWriter(writer: Writer): string {
  switch (writer.type) {
    case 'me':
      return 'You'
    case 'person':
      return writer.name
    case 'gone':
      return 'Somebody who has left'
    case 'coAuthors':
      return 'Co-authors'
    case 'unknown':
      return ''
  }
}

/** By what his colour is chosen. */
export function keyOfWriter(writer: Writer): string {
  return writer.type === 'person' ? (writer.user ?? writer.name) : writer.type
}

/** Those who are known, oneself first. */
export function knownWriters(writers: readonly Writer[]): Writer[] {
  const known = writers.filter((writer) => writer.type !== 'unknown')
  return [...known.filter((writer) => writer.type === 'me'), ...known.filter((writer) => writer.type !== 'me')]
}

/** “You, Bob and Carol”; empty when nobody is known. */
export function namesOfWriters(writers: readonly Writer[]): string {
  const names = [...new Set(knownWriters(writers).map(nameOfWriter))]
  const last = names.pop()
  return last === undefined ? '' : names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

/** What led to a version, in two words. */
export function changesText({ changes, mark }: Pick<TimelineEntry, 'changes' | 'mark'>): string {
  if (mark === 'made') return 'made'
  if (mark === 'shared') return 'shared'
  if (changes === 0) return ''
  return `${changes} ${changes === 1 ? 'change' : 'changes'}`
}
