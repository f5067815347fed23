// The entries of a menu, whichever way it opens: a menu at a button and one at the pointer are built of parts that
// differ in nothing but their root.
import type { ContextMenu, DropdownMenu } from 'radix-ui'
import type { PointerEvent } from 'react'
import { Icon } from './Icon'
import { Kbd } from './Kbd'
import type { MenuItem } from './menuItems'
import './overlays.css'

type Part = 'CheckboxItem' | 'Item' | 'Label' | 'Portal' | 'Separator' | 'Sub' | 'SubContent' | 'SubTrigger'
/** The parts of the menu that entries are in. */
export type MenuParts = Pick<typeof DropdownMenu, Part> | Pick<typeof ContextMenu, Part>

/** Entries for the inside of a menu. */
export function MenuEntries({ items, parts }: { items: readonly MenuItem[]; parts: MenuParts }) {
  return items.map((item) => <Entry key={item.id} item={item} parts={parts} />)
}

/** Letting go of the right button chooses nothing: it was pressed to open the menu, and may have moved onto an entry. */
function keepOpen(event: PointerEvent) {
  if (event.button === 2) event.preventDefault()
}

/** One entry, drawn with the parts of the menu that it is in. */
function Entry({ item, parts }: { item: MenuItem; parts: MenuParts }) {
  switch (item.kind) {
    case 'separator':
      return <parts.Separator className="q-menu-separator" />
    case 'heading':
      return <parts.Label className="q-menu-heading">{item.label}</parts.Label>
    case 'submenu':
      return (
        <parts.Sub>
          <parts.SubTrigger className="q-menu-item">
            <span className="q-menu-icon">{item.icon === undefined ? null : <Icon name={item.icon} />}</span>
            <span className="q-menu-label">{item.label}</span>
            <Icon name="chevron-right" size={0.875} />
          </parts.SubTrigger>
          <parts.Portal>
            <parts.SubContent className="q-menu q-scroll" collisionPadding={8}>
              <MenuEntries items={item.items} parts={parts} />
            </parts.SubContent>
          </parts.Portal>
        </parts.Sub>
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
        <parts.Item className={className} disabled={disabled} onPointerUp={keepOpen} onSelect={item.onSelect}>
          {content}
        </parts.Item>
      ) : (
        <parts.CheckboxItem className={className} disabled={disabled} checked={item.checked} onPointerUp={keepOpen} onSelect={item.onSelect}>
          {content}
        </parts.CheckboxItem>
      )
    }
  }
}
