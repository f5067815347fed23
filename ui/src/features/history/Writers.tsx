// Those who wrote something: a sign in the colour of each, and their names.
import { peerClass } from '../../design/peerColor'
import { initials } from '../../state/names'
import { useOpenSharing } from '../../state/sharing'
import type { Writer } from '../../ipc/generated'
import { keyOfWriter, knownWriters, nameOfWriter, namesOfWriters } from './writers'

export function Writers({ writers }: { writers: readonly Writer[] }) {
  const sharing = useOpenSharing()
  const own = sharing?.members.find(({ user }) => user === sharing.user)?.name
  const known = knownWriters(writers)
  // Oneself as others see one.
  const signs = known.flatMap((writer) => {
    const name = writer.type === 'me' ? own : nameOfWriter(writer)
    const key = writer.type === 'me' ? (sharing?.user ?? '') : keyOfWriter(writer)
    return name === undefined ? [] : [{ name, key }]
  })
  if (known.length === 0) return null
  return (
    <span className="history-writers">
      {signs.map(({ name, key }) => (
        <span key={key} className={`history-initials ${peerClass(key)}`} aria-hidden>
          {initials(name)}
        </span>
      ))}
      <span className="history-names">{namesOfWriters(known)}</span>
    </span>
  )
}
