import { ContextMenu as Radix } from 'radix-ui'
import type { ReactElement } from 'react'
import { MenuEntries } from './MenuEntries'
import type { MenuItem } from './menuItems'
import './overlays.css'

/** The menu of the right mouse button (or the menu key) on what is inside. No menu where `items` is empty. */
export function ContextMenu({ items, label, children }: { items: readonly MenuItem[]; label?: string | undefined; children: ReactElement }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild disabled={items.length === 0}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="q-menu q-scroll" collisionPadding={8} aria-label={label}>
          <MenuEntries items={items} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
