// Says over the editor why typing does nothing.
import { Icon } from '../../design/Icon'
import { useOpenSharing } from '../../state/sharing'
import { sentence } from './words'
import './sharing.css'

export function ReadOnlyBanner() {
  const why = useOpenSharing()?.readOnly ?? null
  if (why === null) return null
  return (
    <p className="sharing-banner" role="status">
      <Icon name="eye" size={0.875} />
      {sentence(why)}
    </p>
  )
}
