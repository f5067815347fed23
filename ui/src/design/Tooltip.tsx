import { Tooltip as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { Kbd } from './Kbd'
import './overlays.css'

/** Names the control inside it, after a moment of rest or on focus. The control keeps its own aria-label. */
export function Tooltip({
  label,
  shortcut,
  side = 'bottom',
  children,
}: {
  label: ReactNode
  shortcut?: string | undefined
  side?: 'top' | 'right' | 'bottom' | 'left' | undefined
  children: ReactElement
}) {
  return (
    <Radix.Provider delayDuration={500} skipDelayDuration={250}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content className="q-tooltip" side={side} sideOffset={6} collisionPadding={8}>
            {label}
            {shortcut === undefined ? null : <Kbd shortcut={shortcut} />}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  )
}
