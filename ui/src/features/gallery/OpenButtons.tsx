// The ways to a project that exists already.
import { Button } from '../../design/Button'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { openDialog } from '../../state/dialogs'
import { importFiles, importFolder, openFolder } from '../../state/exchange'

const IMPORTS: readonly MenuItem[] = [
  { kind: 'heading', id: 'about', label: 'Copied into Quire; the originals stay as they are' },
  { kind: 'item', id: 'files', label: 'Zip or tar.gz archive, LaTeX files …', icon: 'import', onSelect: () => void importFiles() },
  { kind: 'item', id: 'folder', label: 'A copy of a folder …', icon: 'folder-import', onSelect: () => void importFolder() },
]

const SHARED: readonly MenuItem[] = [
  { kind: 'item', id: 'join', label: 'Join by link …', icon: 'link', onSelect: () => openDialog({ type: 'join' }) },
  { kind: 'item', id: 'relay', label: 'Open from a relay …', icon: 'folder-open', onSelect: () => openDialog({ type: 'relay' }) },
]

export function OpenButtons() {
  return (
    <>
      <Button icon="folder-open" onClick={() => void openFolder()} title="The project stays in its folder: other programs and Git see every change.">
        Open a folder
      </Button>
      <Menu label="Import" items={IMPORTS} trigger={<Button icon="import">Import</Button>} />
      <Menu label="Write together" items={SHARED} trigger={<Button icon="people">Write together</Button>} />
    </>
  )
}
