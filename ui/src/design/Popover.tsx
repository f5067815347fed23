import { Popover as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import './overlays.css'

/** A small window that belongs to its trigger, which must be a button: it opens there, and closes when one goes elsewhere. */
export function Popover({
  trigger,
  label,
  open,
  onOpenChange,
  align = 'end',
  children,
}: {
  trigger: ReactElement
  label: string
  open: boolean
  onOpenChange: (open: boolean) => void
  align?: 'start' | 'center' | 'end' | undefined
  children: ReactNode
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="q-popover" align={align} sideOffset={8} collisionPadding={8} aria-label={label}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
