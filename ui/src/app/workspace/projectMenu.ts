// What can be done with the whole project.
import type { MenuItem } from '../../design/menuItems'
import { openPreviewWindow } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { openDialog, openSettings } from '../../state/dialogs'
import { exportProject } from '../../state/exchange'
import { chooseRoot } from '../../state/projectSettings'
import { buildNow, useProject } from '../../state/project'

export function projectMenu(): readonly MenuItem[] {
  const open = useProject.getState().open
  if (open === null) return []
  const sources = open.files.filter((file) => file.kind === 'text' && file.path.endsWith('.tex'))
  const setRoot = (path: string | null) => () => void chooseRoot(path)
  return [
    { kind: 'item', id: 'clean', label: 'Build from nothing', icon: 'refresh', onSelect: () => void buildNow(true) },
    {
      kind: 'submenu',
      id: 'root',
      label: 'Main file',
      icon: 'file-text',
      items: [
        { kind: 'item', id: 'auto', label: 'Found by itself', checked: open.root === null, onSelect: setRoot(null) },
        ...sources.slice(0, 40).map(
          (file): MenuItem => ({
            kind: 'item',
            id: file.path,
            label: file.path,
            checked: open.root === file.path,
            onSelect: setRoot(file.path),
          }),
        ),
      ],
    },
    { kind: 'separator', id: 'after-build' },
    {
      kind: 'submenu',
      id: 'export',
      label: 'Export',
      icon: 'download',
      items: [
        { kind: 'item', id: 'pdf', label: 'PDF …', icon: 'file-pdf', disabled: open.preview === null, onSelect: () => void exportProject('pdf', open.id, open.name) },
        { kind: 'item', id: 'zip', label: 'All files as zip …', icon: 'archive', onSelect: () => void exportProject('zip', open.id, open.name) },
        { kind: 'item', id: 'source', label: 'Sources as one file …', icon: 'file-code', onSelect: () => void exportProject('source', open.id, open.name) },
      ],
    },
    {
      kind: 'item',
      id: 'pages',
      label: 'Pages in a window of their own',
      icon: 'external',
      onSelect: () => void attempt(() => openPreviewWindow(open.id, `${open.name} — pages`)),
    },
    { kind: 'separator', id: 'after-pages' },
    { kind: 'item', id: 'trash', label: 'Deleted files …', icon: 'trash', onSelect: () => openDialog({ type: 'trash' }) },
    { kind: 'item', id: 'project-settings', label: 'Settings of this project …', icon: 'settings', onSelect: () => openSettings('project') },
  ]
}
