// The status bar's word on files that go to a relay, come from it, or stay here.
import { Icon } from '../../design/Icon'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { commands } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { useProject } from '../../state/project'
import { useOpenSharing } from '../../state/sharing'
import { transferWords } from './transferWords'

export function TransferItem() {
  const files = useOpenSharing()?.files ?? null
  const project = useProject((state) => state.open?.id)
  const words = files === null ? null : transferWords(files)
  if (files === null || words === null || project === undefined) return null
  const { label, meaning, tone } = words
  const stop = (isStopped: boolean) => () => void attempt(() => commands.stopTransfers({ project, isStopped }))
  const items: MenuItem[] = [
    { kind: 'heading', id: 'meaning', label: meaning },
    ...files.keptBack.map(({ path, why }): MenuItem => ({ kind: 'heading', id: `kept ${path}`, label: `${path}: ${why}` })),
    { kind: 'separator', id: 'line' },
  ]
  if (files.isStopped) items.push({ kind: 'item', id: 'go', label: 'Go on', icon: 'play', onSelect: stop(false) })
  else if (files.toSend + files.toCome > 0) items.push({ kind: 'item', id: 'stop', label: 'Stop', icon: 'stop', onSelect: stop(true) })
  else items.push({ kind: 'item', id: 'again', label: 'Try again', icon: 'refresh', onSelect: stop(false) })
  return (
    <Menu
      label={label}
      trigger={
        <button type="button" className={tone === 'bad' ? 'status-live status-warned' : 'status-live'} title={meaning} aria-label={`${label}. ${meaning}`}>
          <Icon name="upload" size={0.875} />
          {label}
        </button>
      }
      items={items}
    />
  )
}
