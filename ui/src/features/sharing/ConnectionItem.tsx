// The status bar's word on how it stands with the relay.
import { Icon } from '../../design/Icon'
import { Menu } from '../../design/Menu'
import { commands } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { openDialog } from '../../state/dialogs'
import { useProject } from '../../state/project'
import { useOpenSharing } from '../../state/sharing'
import { connectionWords } from './words'
import './sharing.css'

export function ConnectionItem() {
  const sharing = useOpenSharing()
  const project = useProject((state) => state.open?.id)
  if (sharing === null || project === undefined) return null
  const { label, meaning, tone } = connectionWords(sharing)
  const isOffline = sharing.connection.type === 'offline'
  return (
    <>
      <Menu
        label={label}
        trigger={
          <button type="button" className={`status-live sharing-${tone}`} title={meaning} aria-label={`${label}. ${meaning}`}>
            <Icon name="people" size={0.875} />
            {label}
          </button>
        }
        items={[
          { kind: 'heading', id: 'meaning', label: meaning },
          { kind: 'separator', id: 'line' },
          ...(isOffline
            ? [{ kind: 'item', id: 'again', label: 'Try again now', icon: 'refresh', onSelect: () => void attempt(() => commands.tryRelayAgain({ project })) } as const]
            : []),
          { kind: 'item', id: 'share', label: 'Sharing …', icon: 'people', onSelect: () => openDialog({ type: 'share' }) },
        ]}
      />
      {/* Being saved is no news; being away is. */}
      <span className="q-hidden" role="status">
        {tone === 'bad' ? label : ''}
      </span>
    </>
  )
}
