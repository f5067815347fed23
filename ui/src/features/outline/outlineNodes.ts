// From the outline of a document to a tree: pure.
import type { IconName } from '../../design/Icon'
import type { TreeNode } from '../../design/treeModel'
import type { OutlineEntry, OutlineKind, ProjectPath } from '../../ipc/generated'

/** The tree with, for each of its nodes, the entry that it stands for, in the order of the document. */
export type OutlineNodes = { nodes: TreeNode[]; entries: ReadonlyMap<string, OutlineEntry> }

const ICONS: Readonly<Record<OutlineKind, IconName | undefined>> = {
  part: 'book',
  chapter: 'bibliography',
  section: undefined,
  subsection: undefined,
  subsubsection: undefined,
  paragraph: undefined,
  frame: 'presentation',
  figure: 'image',
  table: 'table',
  listing: 'file-code',
  algorithm: 'list',
  equation: 'sigma',
  theorem: 'quote',
  label: 'label',
}

const NAMES: Readonly<Partial<Record<OutlineKind, string>>> = { figure: 'Figure', table: 'Table', listing: 'Listing', algorithm: 'Algorithm', frame: 'Slide' }
const BARE: ReadonlySet<OutlineKind> = new Set(['equation', 'theorem', 'label'])

/** The tree. Its ids stay the same when text around them changes, so that closed branches stay closed. */
export function outlineNodes(outline: readonly OutlineEntry[], withLabels: boolean): OutlineNodes {
  const entries = new Map<string, OutlineEntry>()
  const walk = (siblings: readonly OutlineEntry[], above: string): TreeNode[] =>
    siblings.flatMap((entry) => {
      if (BARE.has(entry.kind) && !withLabels) return walk(entry.children, above)
      const title = entry.title || (BARE.has(entry.kind) ? entry.label : null) || NAMES[entry.kind] || entry.label || 'Untitled'
      const wanted = `${above}/${entry.kind}:${title}`
      let id = wanted
      for (let copy = 2; entries.has(id); copy += 1) id = `${wanted} (${copy})`
      entries.set(id, entry)
      const children = walk(entry.children, id)
      const node: TreeNode = { id, label: title, icon: ICONS[entry.kind], dim: !entry.isNumbered && ICONS[entry.kind] === undefined }
      return [children.length > 0 ? { ...node, children } : node]
    })
  return { nodes: walk(outline, ''), entries }
}

/** The last entry that begins at or before a place of a file. */
export function entryAt(entries: ReadonlyMap<string, OutlineEntry>, path: ProjectPath, line: number): string | null {
  let found: string | null = null
  let best = 0
  for (const [id, entry] of entries) {
    const start = entry.heading.start.line
    if (entry.path === path && start <= line && start >= best) {
      found = id
      best = start
    }
  }
  return found
}
