import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement } from 'react'
import { Icon } from './Icon'
import { Kbd } from './Kbd'
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
          {items.map((item) => (
            <Entry key={item.id} item={item} />
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Entry({ item }: { item: MenuItem }) {
  switch (item.kind) {
    case 'separator':
      return <Radix.Separator className="q-menu-separator" />
    case 'heading':
      return <Radix.Label className="q-menu-heading">{item.label}</Radix.Label>
    case 'submenu':
      return (
        <Radix.Sub>
          <Radix.SubTrigger className="q-menu-item">
            <span className="q-menu-icon">{item.icon === undefined ? null : <Icon name={item.icon} />}</span>
            <span className="q-menu-label">{item.label}</span>
            <Icon name="chevron-right" size={0.875} />
          </Radix.SubTrigger>
          <Radix.Portal>
            <Radix.SubContent className="q-menu q-scroll" collisionPadding={8}>
              {item.items.map((inner) => (
                <Entry key={inner.id} item={inner} />
              ))}
            </Radix.SubContent>
          </Radix.Portal>
        </Radix.Sub>
      )
    case 'item': {
      const content = (
        <>
          <span className="q-menu-icon">
            {item.checked === true ? <Icon name="check" /> : item.icon === undefined ? null : <Icon name={item.icon} />}
          </span>
          <span className="q-menu-label">{item.label}</span>
          {item.shortcut === undefined ? null : <Kbd shortcut={item.shortcut} />}
        </>
      )
      const className = item.danger === true ? 'q-menu-item q-menu-danger' : 'q-menu-item'
      const disabled = item.disabled ?? false
      return item.checked === undefined ? (
        <Radix.Item className={className} disabled={disabled} onSelect={item.onSelect}>
          {content}
        </Radix.Item>
      ) : (
        <Radix.CheckboxItem className={className} disabled={disabled} checked={item.checked} onSelect={item.onSelect}>
          {content}
        </Radix.CheckboxItem>
      )
    }
  }
}
