import type { IconName } from './Icon'

/** An entry of a Menu or ContextMenu. `id` is unique within its menu. */
export type MenuItem =
  | {
      kind: 'item'
      id: string
      label: string
      icon?: IconName | undefined
      shortcut?: string | undefined
      disabled?: boolean | undefined
      danger?: boolean | undefined
      /** Given: the entry is a toggle and shows whether it is on. */
      checked?: boolean | undefined
      onSelect: () => void
    }
  | { kind: 'submenu'; id: string; label: string; icon?: IconName | undefined; items: readonly MenuItem[] }
  | { kind: 'heading'; id: string; label: string }
  | { kind: 'separator'; id: string }
