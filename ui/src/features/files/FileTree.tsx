// The files of the project.
import { useCallback, useMemo, useState } from 'react'
import { IconButton } from '../../design/Button'
import { ConfirmDialog } from '../../design/Dialog'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { Tree } from '../../design/Tree'
import { commands } from '../../ipc/generated'
import { chooseFiles, type FileDrag } from '../../ipc/system'
import { useFileDrag } from '../../ipc/useFileDrag'
import { attempt } from '../../state/attempt'
import { openDialog } from '../../state/dialogs'
import { moveFile } from '../../state/exchange'
import { folderOf, nameOf } from '../../state/paths'
import { openFile, useProject } from '../../state/project'
import { chooseRoot } from '../../state/projectSettings'
import { fileNodes, folderFor, freeName, moveTargets } from './fileNodes'
import './files.css'

export function FileTree() {
  const project = useProject((state) => state.open?.id)
  const files = useProject((state) => state.open?.files)
  const emptyFolders = useProject((state) => state.open?.emptyFolders)
  const root = useProject((state) => state.open?.root ?? state.open?.report?.root ?? null)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set())
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [renaming, setRenaming] = useState<string | null>(null)
  const [deleting, setDeleting] = useState<readonly string[]>([])
  const nodes = useMemo(() => fileNodes(files ?? [], emptyFolders ?? [], root), [files, emptyFolders, root])
  const taken = useMemo(() => new Set([...(files ?? []).map((file) => file.path), ...(emptyFolders ?? [])]), [files, emptyFolders])
  const [only] = selected.size === 1 ? selected : [null]
  const folder = folderFor(only ?? null, nodes)

  const dropped = useCallback(
    (drag: FileDrag) => {
      if (drag.type !== 'drop' || project === undefined) return
      const row = document.elementFromPoint(drag.x, drag.y)?.closest<HTMLElement>('[data-row]')
      const target = folderFor(row?.dataset['row'] ?? null, nodes)
      void attempt(() => commands.addFiles({ project, folder: target, places: drag.paths }))
    },
    [project, nodes],
  )
  useFileDrag(dropped)

  if (project === undefined) return null
  const create = (kind: 'file' | 'folder', where: string) => {
    const path = freeName(where, kind === 'file' ? 'untitled.tex' : 'folder', taken)
    void attempt(async () => {
      if (kind === 'file') await commands.createFile({ project, path, text: '' })
      else await commands.createFolder({ project, path })
      if (where !== '') setExpanded((open) => new Set(open).add(where))
      setSelected(new Set([path]))
      setRenaming(path)
    })
  }
  const add = (where: string) => {
    void attempt(async () => {
      const places = await chooseFiles('Add files to the project')
      if (places.length > 0) await commands.addFiles({ project, folder: where, places })
    })
  }
  const move = (from: string, to: string) => {
    void moveFile(project, from, to)
  }
  const moveInto = (ids: readonly string[], target: string) => {
    for (const id of ids) {
      const name = nameOf(id)
      move(id, target === '' ? name : `${target}/${name}`)
    }
  }
  const targets = (ids: readonly string[]) => moveTargets(ids, nodes).slice(0, 40)
  const menuFor = (ids: readonly string[]): readonly MenuItem[] => {
    const [first] = ids
    const where = folderFor(first ?? null, nodes)
    const items: MenuItem[] = [
      { kind: 'item', id: 'new-file', label: 'New file', icon: 'file-new', onSelect: () => create('file', where) },
      { kind: 'item', id: 'new-folder', label: 'New folder', icon: 'folder-new', onSelect: () => create('folder', where) },
      { kind: 'item', id: 'add', label: 'Add files from the computer …', icon: 'upload', onSelect: () => add(where) },
    ]
    if (first !== undefined) {
      const isSource = ids.length === 1 && files?.some((file) => file.path === first && file.kind === 'text' && first.endsWith('.tex')) === true
      if (isSource) items.push({ kind: 'item', id: 'root', label: 'Main file: build this one', checked: first === root, onSelect: () => void chooseRoot(first) })
      items.push(
        { kind: 'separator', id: 'one' },
        { kind: 'item', id: 'rename', label: 'Rename', icon: 'pencil', shortcut: 'F2', disabled: ids.length > 1, onSelect: () => setRenaming(first) },
        { kind: 'submenu', id: 'move', label: 'Move to', icon: 'folder', items: targets(ids).map((target): MenuItem => ({
            kind: 'item',
            id: target,
            label: target === '' ? 'The top of the project' : target,
            onSelect: () => moveInto(ids, target),
          })),
        },
        { kind: 'item', id: 'delete', label: 'Move to the trash', icon: 'trash', shortcut: 'Delete', danger: true, onSelect: () => setDeleting(ids) },
      )
    }
    return items
  }
  const what = deleting.length === 1 ? (deleting[0] ?? '') : `${deleting.length} files`
  return (
    <div className="file-tree">
      <div className="file-tree-head">
        <h2>Files</h2>
        <IconButton icon="file-new" size="small" label="New file" onClick={() => create('file', folder)} />
        <IconButton icon="folder-new" size="small" label="New folder" onClick={() => create('folder', folder)} />
        <Menu
          label="More"
          align="end"
          trigger={<IconButton icon="more" size="small" label="More" />}
          items={[
            { kind: 'item', id: 'add', label: 'Add files from the computer …', icon: 'upload', onSelect: () => add(folder) },
            { kind: 'item', id: 'collapse', label: 'Close all folders', icon: 'chevron-right', onSelect: () => setExpanded(new Set()) },
            { kind: 'item', id: 'trash', label: 'Deleted files …', icon: 'trash', onSelect: () => openDialog({ type: 'trash' }) },
          ]}
        />
      </div>
      <Tree
        label="Files"
        nodes={nodes}
        expanded={expanded}
        onExpandedChange={setExpanded}
        selected={selected}
        onSelectedChange={setSelected}
        onOpen={openFile}
        onDelete={setDeleting}
        renaming={renaming}
        onRenamingChange={setRenaming}
        onRename={(path, name) => move(path, folderOf(path) === '' ? name : `${folderOf(path)}/${name}`)}
        onMove={(ids, target) => moveInto(ids, target ?? '')}
        menuFor={menuFor}
      />
      <ConfirmDialog
        open={deleting.length > 0}
        title={`Move ${what} to the trash?`}
        description="It can be taken out of the project's trash again."
        confirmLabel="Move to the trash"
        danger
        onConfirm={() => {
          const paths = deleting
          setDeleting([])
          void attempt(async () => {
            for (const path of paths) await commands.trashFile({ project, path })
          })
        }}
        onCancel={() => setDeleting([])}
      />
    </div>
  )
}
