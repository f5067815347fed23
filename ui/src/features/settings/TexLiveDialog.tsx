// What is missing for the engines of TeX Live, and what to do about it.
import { Button } from '../../design/Button'
import { coded } from '../../design/coded'
import { Dialog } from '../../design/Dialog'

export function TexLiveDialog({ what, advice, onClose }: { what: string; advice: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="TeX Live is not ready"
      size="small"
      footer={
        <Button variant="primary" onClick={onClose}>
          Understood
        </Button>
      }
    >
      <p className="settings-advice">{coded(what)}</p>
      <p className="settings-advice">{coded(advice)}</p>
      <p className="settings-advice">Nothing was changed: the document is built as before.</p>
    </Dialog>
  )
}
