// Those who wrote something: a sign in the colour of each, and their names.
import { peerClass } from '../../design/peerColor'
import { initials } from '../../state/names'
import type { Writer } from '../../ipc/generated'
import { keyOfWriter, nameOfWriter, namesOfWriters } from './writers'

export function Writers({ writers }: { writers: readonly Writer[] }) {
  const known = writers.filter((writer) => writer.type !== 'unknown')
  if (known.length === 0) return null
  return (
    <span className="history-writers">
      {known.map((writer) => (
        <span key={keyOfWriter(writer)} className={`history-initials ${writer.type === 'me' ? 'history-me' : peerClass(keyOfWriter(writer))}`} aria-hidden>
          {initials(nameOfWriter(writer))}
        </span>
      ))}
      <span className="history-names">{namesOfWriters(known)}</span>
    </span>
  )
}
