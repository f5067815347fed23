// Shortcuts are written once, as `Mod+Shift+P`, and shown as the platform writes them.

const MAC_SYMBOLS: Readonly<Record<string, string>> = {
  Mod: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Enter: '↩', Backspace: '⌫', Delete: '⌦', Escape: '⎋', Tab: '⇥',
  ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→',
}
const OTHER_NAMES: Readonly<Record<string, string>> = {
  Mod: 'Ctrl', Escape: 'Esc', Delete: 'Del', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→',
}

/** Whether the platform writes ⌘ where others write Ctrl. */
export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

/** The keys of `Mod+Shift+P` as shown: `['Ctrl', 'Shift', 'P']` or `['⌘', '⇧', 'P']`. A chord's two halves
    (`Mod+K Mod+S`) are given one after the other. */
export function shortcutKeys(shortcut: string, mac: boolean = isMac): string[] {
  const names = mac ? MAC_SYMBOLS : OTHER_NAMES
  return shortcut
    .split(' ')
    .flatMap((chord) => chord.split(/(?<=.)\+/))
    .map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}

/** What `aria-keyshortcuts` expects: `Control+Shift+P`. */
export function ariaShortcut(shortcut: string, mac: boolean = isMac): string {
  return shortcut.replaceAll('Mod', mac ? 'Meta' : 'Control').replaceAll('Ctrl', 'Control')
}

/** Whether a key press is the (single-chord) shortcut. */
export function matchesShortcut(
  event: { key: string; ctrlKey: boolean; metaKey: boolean; shiftKey: boolean; altKey: boolean },
  shortcut: string,
  mac: boolean = isMac,
): boolean {
  const parts = shortcut.split(/(?<=.)\+/)
  const key = parts.at(-1) ?? ''
  const wants = (name: string) => parts.slice(0, -1).includes(name)
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    event.ctrlKey === (wants('Ctrl') || (wants('Mod') && !mac)) &&
    event.metaKey === (wants('Mod') && mac) &&
    event.shiftKey === wants('Shift') &&
    event.altKey === wants('Alt')
  )
}
