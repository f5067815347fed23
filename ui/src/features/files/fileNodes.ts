// From the list of files to a tree: pure.
import type { IconName } from '../../design/Icon'
import type { TreeNode } from '../../design/treeModel'
import type { FileEntry, ProjectPath } from '../../ipc/generated'
import { folderOf, nameOf } from '../../state/paths'

type Folder = { path: string; folders: Map<string, Folder>; files: FileEntry[] }

/** The icon of a file; of none, that of any file. */
export function iconOf(file: FileEntry | undefined): IconName {
  if (file?.kind === 'picture') return 'file-image'
  if (file?.kind === 'pdf') return 'file-pdf'
  if (file?.path.endsWith('.bib') === true) return 'bibliography'
  return file?.path.endsWith('.tex') === true ? 'file-text' : file?.kind === 'text' ? 'file-code' : 'file'
}

/** Folders before files, each in the order that people expect of numbers and letters. */
export function fileNodes(files: readonly FileEntry[], emptyFolders: readonly ProjectPath[], root: ProjectPath | null): TreeNode[] {
  const top: Folder = { path: '', folders: new Map(), files: [] }
  const folderAt = (path: string): Folder => {
    if (path === '') return top
    const above = folderAt(folderOf(path))
    const name = nameOf(path)
    const known = above.folders.get(name)
    if (known !== undefined) return known
    const made: Folder = { path, folders: new Map(), files: [] }
    above.folders.set(name, made)
    return made
  }
  for (const path of emptyFolders) folderAt(path)
  for (const file of files) folderAt(folderOf(file.path)).files.push(file)
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  const nodesOf = (folder: Folder): TreeNode[] => [
    ...[...folder.folders.values()]
      .toSorted((a, b) => order.compare(a.path, b.path))
      .map((inner): TreeNode => ({ id: inner.path, label: nameOf(inner.path), icon: 'folder', children: nodesOf(inner) })),
    ...folder.files
      .toSorted((a, b) => order.compare(a.path, b.path))
      .map((file): TreeNode => ({
        id: file.path,
        label: nameOf(file.path),
        icon: iconOf(file),
        badge: file.path === root ? 'main' : undefined,
      })),
  ]
  return nodesOf(top)
}

/** The folder that something new goes to when this node is selected. */
export function folderFor(id: string | null, nodes: readonly TreeNode[]): string {
  if (id === null) return ''
  const find = (list: readonly TreeNode[]): TreeNode | undefined => {
    for (const node of list) {
      if (node.id === id) return node
      if (node.children !== undefined && id.startsWith(`${node.id}/`)) return find(node.children)
    }
    return undefined
  }
  return find(nodes)?.children === undefined ? folderOf(id) : id
}

/** The folders that all of these can be moved to, '' being the top: not where they are, and none into itself. */
export function moveTargets(ids: readonly string[], nodes: readonly TreeNode[]): string[] {
  const foldersIn = (list: readonly TreeNode[]): string[] => list.flatMap((node) => (node.children === undefined ? [] : [node.id, ...foldersIn(node.children)]))
  const into = (id: string, folder: string) => folder === id || folder.startsWith(`${id}/`)
  return ['', ...foldersIn(nodes)].filter((folder) => ids.some((id) => folderOf(id) !== folder) && !ids.some((id) => into(id, folder)))
}

/** A name in a folder that is not taken: `name 2.tex`, `name 3.tex` … */
export function freeName(folder: string, name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const at = (number: number) => (folder === '' ? '' : `${folder}/`) + (number === 1 ? name : `${stem}-${number}${extension}`)
  let number = 1
  while (taken.has(at(number))) number += 1
  return at(number)
}
