// The keys of the window's commands, before the editor sees them.
import { useEffect } from 'react'
import { matchesShortcut } from '../../design/shortcut'
import { belongsToKeys } from '../../features/editor/keys'
import { useSettings } from '../../state/settings'
import { WINDOW_COMMANDS } from './paletteCommands'

export function useShortcuts(): void {
  // The keys of the whole window; capturing, since the editor would take some of them.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (belongsToKeys(useSettings.getState().window.keymap, event)) return
      const command = WINDOW_COMMANDS.find(({ shortcut }) => shortcut !== undefined && matchesShortcut(event, shortcut))
      if (command === undefined) return
      event.preventDefault()
      event.stopPropagation()
      command.run()
    }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [])
}
