import { useEffect, useState } from 'react'
import type { Tone } from './Badge'
import { Button, IconButton } from './Button'
import { Icon, type IconName } from './Icon'
import './overlays.css'
import { closeToast, type Toast, useToasts } from './toasts'

const ICON_OF_TONE: Readonly<Record<Tone, IconName>> = {
  neutral: 'info',
  accent: 'info',
  info: 'info',
  success: 'success',
  warning: 'warning',
  danger: 'error',
}

/** Where messages appear. Screen readers hear them; they wait while the pointer or the focus is on them. */
export function ToastRegion() {
  const toasts = useToasts((state) => state.toasts)
  const [held, setHeld] = useState(false)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- they only stop the clock
    <section
      className="q-toasts"
      aria-label="Notifications"
      aria-live="polite"
      aria-relevant="additions"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} held={held} />
      ))}
    </section>
  )
}

function ToastCard({ toast, held }: { toast: Toast; held: boolean }) {
  const { id, durationMs } = toast
  // The clock outside React: the message's time runs while nobody looks at it.
  useEffect(() => {
    if (held || durationMs === null) return
    const timer = setTimeout(() => closeToast(id), durationMs)
    return () => clearTimeout(timer)
  }, [held, durationMs, id])
  return (
    <div className="q-toast" role={toast.tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={ICON_OF_TONE[toast.tone]} className={`q-toast-icon q-toast-${toast.tone}`} />
      <div className="q-toast-text">
        <strong>{toast.title}</strong>
        {toast.detail === undefined ? null : <p>{toast.detail}</p>}
      </div>
      {toast.action === undefined ? null : (
        <Button
          size="small"
          onClick={() => {
            toast.action?.run()
            closeToast(id)
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" size="small" onClick={() => closeToast(id)} />
    </div>
  )
}
