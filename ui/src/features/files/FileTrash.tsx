// Files that were deleted from the project, and the way back.
import { useEffect, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { ConfirmDialog, Dialog } from '../../design/Dialog'
import { EmptyState } from '../../design/EmptyState'
import { Icon } from '../../design/Icon'
import { showToast } from '../../design/toasts'
import { commands, type TrashedFile } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { agoText, howMany } from '../../state/names'
import { openFile, useProject } from '../../state/project'

type Shown = TrashedFile & { when: string }

function withTimes(files: readonly TrashedFile[]): readonly Shown[] {
  const now = Date.now()
  return files.map((file) => ({ ...file, when: agoText(file.since, now) }))
}

export function FileTrash({ onClose }: { onClose: () => void }) {
  const project = useProject((state) => state.open?.id)
  const files = useProject((state) => state.open?.files)
  const [trashed, setTrashed] = useState<readonly Shown[] | null>(null)
  const [leaving, setLeaving] = useState<readonly TrashedFile[]>([])

  // The trash, which the application keeps; it changes with the files.
  useEffect(() => {
    if (project !== undefined) void attempt(async () => setTrashed(withTimes(await commands.trashedFiles({ project }))))
  }, [project, files])

  if (project === undefined) return null
  const restore = (chosen: readonly TrashedFile[]) => {
    void attempt(async () => {
      let last = ''
      for (const { file } of chosen) last = await commands.restoreFile({ project, file })
      showToast({
        tone: 'success',
        title: chosen.length === 1 ? `${last} is back.` : `${howMany(chosen.length, 'file')} are back.`,
        action: chosen.length === 1 ? { label: 'Open', run: () => openFile(last, true) } : undefined,
      })
      setTrashed(withTimes(await commands.trashedFiles({ project })))
    }, 'It cannot be restored.')
  }
  const deleteForGood = (chosen: readonly TrashedFile[]) => {
    setLeaving([])
    void attempt(async () => {
      await commands.deleteTrashed({ project, files: chosen.map(({ file }) => file) })
      showToast({ tone: 'success', title: `${chosen.length === 1 ? (chosen[0]?.path ?? '') : howMany(chosen.length, 'file')} deleted for good.` })
      setTrashed(withTimes(await commands.trashedFiles({ project })))
    }, 'Nothing was deleted.')
  }
  if (leaving.length > 0) {
    return (
      <ConfirmDialog
        open
        danger
        title={leaving.length === 1 ? `Delete “${leaving[0]?.path ?? ''}” for good?` : `Delete ${howMany(leaving.length, 'file')} for good?`}
        description={`${leaving.length === 1 ? 'The file and its whole history go' : 'The files and their whole history go'}. This cannot be undone.`}
        confirmLabel="Delete for good"
        onCancel={() => setLeaving([])}
        onConfirm={() => deleteForGood(leaving)}
      />
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Deleted files"
      footer={
        <>
          {trashed !== null && trashed.length > 0 && (
            <Button icon="trash" onClick={() => setLeaving(trashed)}>
              Empty the trash
            </Button>
          )}
          {trashed !== null && trashed.length > 1 && (
            <Button icon="restore" onClick={() => restore(trashed)}>
              Restore all
            </Button>
          )}
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {trashed === null ? null : trashed.length === 0 ? (
        <EmptyState icon="trash" title="No deleted files">
          Files that you delete from this project wait here, with their history.
        </EmptyState>
      ) : (
        <ul className="trashed-files">
          {trashed.map((entry) => (
            <li key={entry.file}>
              <Icon name="file-text" />
              <span className="trashed-path" title={entry.path}>
                {entry.path}
              </span>
              <span className="trashed-since">{entry.when}</span>
              <Button size="small" icon="restore" onClick={() => restore([entry])} aria-label={`Restore ${entry.path}`}>
                Restore
              </Button>
              <IconButton icon="trash" size="small" onClick={() => setLeaving([entry])} label={`Delete ${entry.path} for good`} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}
