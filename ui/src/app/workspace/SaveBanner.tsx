// Told where it cannot be missed: what is typed is not on the disk.
import { Icon } from '../../design/Icon'
import { useProject } from '../../state/project'

export function SaveBanner() {
  const saving = useProject((state) => state.open?.saving)
  if (saving?.type !== 'failed') return null
  return (
    <div className="save-banner" role="alert">
      <Icon name="warning" />
      <div>
        <strong>What you type cannot be saved now:</strong> {saving.reason.replace(/[.!]$/, '')}. Nothing is lost while Quire stays open. You can
        go on writing; it is saved as soon as that is possible.
      </div>
    </div>
  )
}
