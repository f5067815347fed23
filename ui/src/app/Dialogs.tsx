// The dialogs of the whole window, and their keys.
import { useEffect } from 'react'
import { ConfirmDialog } from '../design/Dialog'
import { matchesShortcut } from '../design/shortcut'
import { NewProject } from '../features/gallery/NewProject'
import { AuthorDialog } from '../features/discussion/AuthorDialog'
import { FileTrash } from '../features/files/FileTrash'
import { JoinDialog } from '../features/sharing/JoinDialog'
import { RelayDialog } from '../features/sharing/RelayDialog'
import { ShareDialog } from '../features/sharing/ShareDialog'
import { ProgramsDialog } from '../features/settings/ProgramsDialog'
import { SettingsDialog } from '../features/settings/SettingsDialog'
import { TexLiveDialog } from '../features/settings/TexLiveDialog'
import { closeNow } from '../ipc/system'
import { closeDialog, openDialog, openSettings, useDialogs } from '../state/dialogs'
import { useSession } from '../state/session'

function namesOf(projects: readonly string[]): string {
  return projects.length === 0 ? '' : `It belongs to ${projects.map((name) => `“${name}”`).join(', ')}. `
}

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
    case 'author':
      return <AuthorDialog />
    case 'trash':
      return <FileTrash onClose={closeDialog} />
    case 'share':
      return <ShareDialog onClose={closeDialog} />
    case 'relay':
      return <RelayDialog onClose={closeDialog} />
    case 'join':
      return <JoinDialog onClose={closeDialog} />
    case 'programs':
      return <ProgramsDialog engine={dialog.engine} />
    case 'texLive':
      return <TexLiveDialog what={dialog.what} advice={dialog.advice} onClose={closeDialog} />
    case 'unsaved':
      return (
        <ConfirmDialog
          open
          danger
          title="What you typed last is not saved"
          description={`${namesOf(dialog.projects)}The disk does not take it. Quire goes on trying as long as it stays open; make room on the disk, or export the project to another one first.`}
          cancelLabel="Keep Quire open"
          confirmLabel="Close and lose it"
          onCancel={closeDialog}
          onConfirm={() => void closeNow()}
        />
      )
  }
}
