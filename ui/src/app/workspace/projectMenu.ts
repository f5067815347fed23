// What can be done with the whole project.
import type { MenuItem } from '../../design/menuItems'
import { commands } from '../../ipc/generated'
import { openPreviewWindow } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { buildNow, useProject } from '../../state/project'

export function projectMenu(): readonly MenuItem[] {
  const open = useProject.getState().open
  if (open === null) return []
  const sources = open.files.filter((file) => file.kind === 'text' && file.path.endsWith('.tex'))
  const setRoot = (path: string | null) => () => {
    void attempt(async () => {
      await commands.setRoot({ project: open.id, path })
      useProject.setState((state) => (state.open === null ? state : { open: { ...state.open, root: path } }))
      await buildNow()
    })
  }
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
      kind: 'item',
      id: 'pages',
      label: 'Pages in a window of their own',
      icon: 'external',
      onSelect: () => void attempt(() => openPreviewWindow(open.id, `${open.name} — pages`)),
    },
  ]
}
