// Files dragged in from the system: archives and files are imported; for a folder the author says how.
import { type ReactNode, useCallback, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Icon } from '../../design/Icon'
import { commands } from '../../ipc/generated'
import type { FileDrag } from '../../ipc/system'
import { useFileDrag } from '../../ipc/useFileDrag'
import { attempt } from '../../state/attempt'
import { importPlaces, linkFolder } from '../../state/exchange'

export function DropTarget({ children }: { children: ReactNode }) {
  const [over, setOver] = useState(false)
  const [folder, setFolder] = useState<string | null>(null)

  const dragged = useCallback((drag: FileDrag) => {
    setOver(drag.type === 'over')
    if (drag.type !== 'drop') return
    void attempt(async () => {
      const { paths } = drag
      const [first] = paths
      const kinds = await commands.lookAtPlaces({ places: paths })
      if (first !== undefined && paths.length === 1 && kinds[0] === 'folder') setFolder(first)
      else if (paths.length > 0) await importPlaces(paths)
    })
  }, [])
  useFileDrag(dragged)

  const answer = (work: (place: string) => Promise<boolean>) => () => {
    if (folder !== null) void work(folder)
    setFolder(null)
  }
  return (
    <div className="gallery-frame">
      {children}
      {over && (
        <div className="gallery-drop" aria-hidden>
          <Icon name="import" size={2} />
          Drop it to make a project of it
        </div>
      )}
      <Dialog
        open={folder !== null}
        onOpenChange={() => setFolder(null)}
        title="Where should this project live?"
        size="small"
        description="In its folder, other programs and Git see every change. A copy belongs to Quire alone; the folder stays as it is."
        footer={
          <>
            <Button icon="copy" onClick={answer((place) => importPlaces([place]))}>
              Copy into Quire
            </Button>
            <Button variant="primary" icon="folder-open" onClick={answer(linkFolder)}>
              Keep it in its folder
            </Button>
          </>
        }
      >
        <code className="gallery-path">{folder}</code>
      </Dialog>
    </div>
  )
}
