// Which theme is in force. It stands on the root element as data-theme; tokens.css does the rest.

/** What a user chooses; `system` follows the desktop. */
export type ThemeChoice = 'light' | 'dark' | 'system'
/** What is shown. */
export type Theme = 'light' | 'dark'

/** Shows the chosen theme and, for `system`, follows the desktop until the returned function is called.
    `onTheme` hears what is shown, at once and on every change. */
export function applyTheme(choice: ThemeChoice, onTheme?: (theme: Theme) => void): () => void {
  const desktop = window.matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const theme = choice === 'system' ? (desktop.matches ? 'dark' : 'light') : choice
    document.documentElement.dataset['theme'] = theme
    onTheme?.(theme)
  }
  show()
  if (choice !== 'system') return () => {}
  desktop.addEventListener('change', show)
  return () => desktop.removeEventListener('change', show)
}

/** Scales the whole window, 1 = 100 %: every length is in rem. */
export function applyScale(scale: number): void {
  const { style } = document.documentElement
  style.fontSize = `${scale * 100}%`
  // For what is not ours and knows pixels only.
  style.setProperty('--scale', String(scale))
}
