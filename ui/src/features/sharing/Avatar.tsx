// A round sign for somebody, in his colour.
import { peerClass } from '../../design/peerColor'
import { initials } from '../../state/names'

/** Decorative: the name stands beside it, or is its button's label. */
export function Avatar({ user, name }: { user: string; name: string }) {
  return (
    <span className={`sharing-avatar ${peerClass(user)}`} aria-hidden>
      {initials(name)}
    </span>
  )
}
