// Who is here, in the bar above, and the way to share: click somebody to go to him or follow him.
import { Button } from '../../design/Button'
import { Menu } from '../../design/Menu'
import type { Person } from '../../ipc/generated'
import { openDialog } from '../../state/dialogs'
import { follow, jumpTo, useOpenSharing, usePeople, useSharing } from '../../state/sharing'
import { Avatar } from './Avatar'
import { isOnline } from './words'
import './sharing.css'

/** More are behind a number. */
const SHOWN = 5

export function People() {
  const sharing = useOpenSharing()
  const people = usePeople()
  const isSeen = sharing !== null && isOnline(sharing.connection)
  const here = isSeen ? people : []
  const more = here.slice(SHOWN)
  return (
    <div className="sharing-people">
      {here.length > 0 && (
        <ul aria-label="Who is here">
          {here.slice(0, SHOWN).map((person) => (
            <li key={person.user}>
              <OnePerson person={person} />
            </li>
          ))}
          {more.length > 0 && <li className="sharing-more" title={more.map(({ name }) => name).join(', ')}>{`+${more.length}`}</li>}
        </ul>
      )}
      <span className="q-hidden" role="status">
        {here.length === 0 ? '' : `${here.map(({ name }) => name).join(', ')} ${here.length === 1 ? 'is' : 'are'} here.`}
      </span>
      <Button icon="people" onClick={() => openDialog({ type: 'share' })}>
        Share
      </Button>
    </div>
  )
}

function OnePerson({ person: { user, name, places } }: { person: Person }) {
  const following = useSharing((state) => state.following === user)
  const path = places[0]?.path ?? ''
  return (
    <Menu
      label={name}
      align="end"
      trigger={
        <button type="button" className="sharing-person" data-following={following || undefined} title={`${name}: ${path}`} aria-label={`${name}, in ${path}`}>
          <Avatar user={user} name={name} />
        </button>
      }
      items={[
        { kind: 'heading', id: 'name', label: `${name} is in ${path}` },
        { kind: 'separator', id: 'line' },
        { kind: 'item', id: 'jump', label: `Go to ${name}`, icon: 'locate', onSelect: () => jumpTo(user) },
        { kind: 'item', id: 'follow', label: `Follow ${name}`, icon: 'eye', checked: following, onSelect: () => follow(following ? null : user) },
      ]}
    />
  )
}
