// Says over the editor why typing does nothing, or suggests only.
import { Icon } from '../../design/Icon'
import { useOpenSharing } from '../../state/sharing'
import { bannerWords } from './words'
import './sharing.css'

export function ReadOnlyBanner() {
  const sharing = useOpenSharing()
  const words = sharing === null ? null : bannerWords(sharing)
  // The region is there before what is said in it: only so it is read out when a role changes.
  return (
    <div role="status">
      {words !== null && (
        <p className="sharing-banner">
          <Icon name={sharing?.mayDiscuss === true ? 'suggest' : 'eye'} size={0.875} />
          {words}
        </p>
      )}
    </div>
  )
}
