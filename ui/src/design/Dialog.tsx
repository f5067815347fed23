import { AlertDialog, Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { Button, IconButton } from './Button'
import './overlays.css'
import { returnFocus } from './returnFocus'

/** A window over the window. Escape and a click beside it close it. Focus goes to the first control, or to the
    one with `autoFocus`, and returns to where it was. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = 'medium',
  footer,
  children,
}: {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string | undefined
  size?: 'small' | 'medium' | 'large' | undefined
  footer?: ReactNode
  children?: ReactNode
}) {
  const body = useRef<HTMLDivElement>(null)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="q-scrim" />
        <Radix.Content
          className={`q-dialog q-dialog-${size}`}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={(event) => {
            const target = body.current?.querySelector<HTMLElement>('[autofocus], input, select, textarea, button, [tabindex="0"]')
            if (body.current?.contains(document.activeElement) === true) return
            // Nothing to fill in: the answer that is wanted most, never the cross.
            const answer = target ?? [...(body.current?.parentElement?.querySelectorAll<HTMLElement>('.q-dialog-foot button') ?? [])].at(-1)
            if (answer === undefined) return
            event.preventDefault()
            answer.focus()
          }}
          onCloseAutoFocus={returnFocus}
        >
          <header className="q-dialog-head">
            <Radix.Title className="q-dialog-title">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton icon="close" label="Close" size="small" />
            </Radix.Close>
          </header>
          {description === undefined ? null : <Radix.Description className="q-dialog-description">{description}</Radix.Description>}
          <div ref={body} className="q-dialog-body q-scroll">
            {children}
          </div>
          {footer === undefined ? null : <footer className="q-dialog-foot">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A question before something is done that is hard to take back. Focus starts on Cancel where it destroys, or where a
    key pressed in passing must not say yes (`careful`). */
export function ConfirmDialog({
  open,
  title,
  description,
  confirmLabel,
  cancelLabel = 'Cancel',
  danger = false,
  careful = false,
  onConfirm,
  onCancel,
}: {
  open: boolean
  title: string
  description: ReactNode
  /** What will be done, in a verb: “Delete”, not “OK”. */
  confirmLabel: string
  cancelLabel?: string | undefined
  danger?: boolean | undefined
  careful?: boolean | undefined
  onConfirm: () => void
  onCancel: () => void
}) {
  const confirm = useRef<HTMLButtonElement>(null)
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => (next ? undefined : onCancel())}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="q-scrim" />
        <AlertDialog.Content
          className="q-dialog q-dialog-small"
          onOpenAutoFocus={(event) => {
            if (danger || careful) return
            event.preventDefault()
            confirm.current?.focus()
          }}
          onCloseAutoFocus={returnFocus}
        >
          <AlertDialog.Title className="q-dialog-title">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="q-dialog-description">{description}</div>
          </AlertDialog.Description>
          <footer className="q-dialog-foot">
            <AlertDialog.Cancel asChild>
              <Button>{cancelLabel}</Button>
            </AlertDialog.Cancel>
            <Button ref={confirm} variant={danger ? 'danger' : 'primary'} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
