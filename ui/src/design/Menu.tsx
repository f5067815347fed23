import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement } from 'react'
import { MenuEntries } from './MenuEntries'
import type { MenuItem } from './menuItems'
import './overlays.css'

/** A menu that opens at its trigger, which must be a button. */
export function Menu({
  trigger,
  items,
  align = 'start',
  label,
}: {
  trigger: ReactElement
  items: readonly MenuItem[]
  align?: 'start' | 'center' | 'end' | undefined
  label?: string | undefined
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="q-menu q-scroll" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          <MenuEntries items={items} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
