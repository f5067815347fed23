// The dialogs of the whole window, and their keys.
import { useEffect } from 'react'
import { matchesShortcut } from '../design/shortcut'
import { NewProject } from '../features/gallery/NewProject'
import { FileTrash } from '../features/files/FileTrash'
import { SettingsDialog } from '../features/settings/SettingsDialog'
import { closeDialog, openDialog, openSettings, useDialogs } from '../state/dialogs'
import { useSession } from '../state/session'

export function Dialogs() {
  const dialog = useDialogs((state) => state.dialog)
  const screen = useSession((state) => state.screen.type)

  // Keys that work wherever the focus is.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (matchesShortcut(event, 'Mod+,')) openSettings()
      else if (screen === 'gallery' && matchesShortcut(event, 'Mod+N')) openDialog({ type: 'newProject' })
      else return
      event.preventDefault()
      event.stopPropagation()
    }
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [screen])

  switch (dialog.type) {
    case 'none':
      return null
    case 'newProject':
      return <NewProject onClose={closeDialog} />
    case 'settings':
      return <SettingsDialog page={dialog.page} onClose={closeDialog} />
    case 'trash':
      return <FileTrash onClose={closeDialog} />
  }
}
