// What a tree shows and where its keys lead: pure, after the ARIA tree pattern.
import type { IconName } from './Icon'

/** A node; with `children` (even none) it is a branch. Ids are unique in the whole tree. */
export type TreeNode = {
  id: string
  label: string
  icon?: IconName | undefined
  /** Shown at the end of the row: a count, a state. */
  badge?: string | undefined
  dim?: boolean | undefined
  children?: readonly TreeNode[] | undefined
}

/** A node in sight: `level` from 1, `setSize` and `position` (from 1) among its siblings. */
export type TreeRow = {
  node: TreeNode
  level: number
  parent: string | null
  expanded: boolean | null
  setSize: number
  position: number
}

/** The rows of the open branches, top to bottom. */
export function visibleRows(nodes: readonly TreeNode[], expanded: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = []
  const walk = (siblings: readonly TreeNode[], level: number, parent: string | null) => {
    for (const [index, node] of siblings.entries()) {
      const open = node.children === undefined ? null : expanded.has(node.id)
      rows.push({ node, level, parent, expanded: open, setSize: siblings.length, position: index + 1 })
      if (open === true && node.children !== undefined) walk(node.children, level + 1, node.id)
    }
  }
  walk(nodes, 1, null)
  return rows
}

/** What a key asks of the tree. */
export type TreeAction =
  | { kind: 'focus'; id: string; extend: boolean }
  | { kind: 'expand' | 'collapse' | 'open' | 'rename'; id: string }
  | { kind: 'expand-siblings'; ids: string[] }
  | { kind: 'toggle-selected'; id: string }
  | { kind: 'select-all' }
  | { kind: 'delete'; ids: string[] }

/** The keys that matter to a tree. */
export type TreeKey = { key: string; shiftKey?: boolean; ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean }

/** What a key does with the focus on `focused`; null where the key is not the tree's. */
export function treeKey(rows: readonly TreeRow[], focused: string | null, selected: ReadonlySet<string>, event: TreeKey): TreeAction | null {
  const index = Math.max(0, rows.findIndex((row) => row.node.id === focused))
  const row = rows[index]
  if (row === undefined || event.altKey === true) return null
  const { id } = row.node
  const focus = (target: TreeRow | undefined): TreeAction | null =>
    target === undefined ? null : { kind: 'focus', id: target.node.id, extend: event.shiftKey === true }
  const command = event.ctrlKey === true || event.metaKey === true
  switch (event.key) {
    case 'ArrowDown':
      return focus(rows[index + 1])
    case 'ArrowUp':
      return focus(rows[index - 1])
    case 'Home':
      return focus(rows[0])
    case 'End':
      return focus(rows.at(-1))
    case 'PageDown':
      return focus(rows[Math.min(rows.length - 1, index + 10)])
    case 'PageUp':
      return focus(rows[Math.max(0, index - 10)])
    case 'ArrowRight':
      if (row.expanded === false) return { kind: 'expand', id }
      return row.expanded === true && rows[index + 1]?.parent === id ? focus(rows[index + 1]) : null
    case 'ArrowLeft':
      if (row.expanded === true) return { kind: 'collapse', id }
      return focus(rows.find((other) => other.node.id === row.parent))
    case '*':
      return { kind: 'expand-siblings', ids: rows.filter((other) => other.parent === row.parent && other.expanded === false).map((other) => other.node.id) }
    case 'Enter':
      return row.expanded === null ? { kind: 'open', id } : { kind: row.expanded ? 'collapse' : 'expand', id }
    case ' ':
      return { kind: 'toggle-selected', id }
    case 'F2':
      return { kind: 'rename', id }
    case 'Delete':
      return { kind: 'delete', ids: selected.has(id) ? [...selected] : [id] }
    case 'a':
      return command ? { kind: 'select-all' } : null
    default:
      return null
  }
}

/** The row that typed letters lead to, from behind the focus and around. */
export function typeAhead(rows: readonly TreeRow[], focused: string | null, typed: string): string | null {
  const from = Math.max(0, rows.findIndex((row) => row.node.id === focused))
  const start = typed.length === 1 ? from + 1 : from
  for (let step = 0; step < rows.length; step += 1) {
    const row = rows[(start + step) % rows.length]
    if (row?.node.label.toLowerCase().startsWith(typed.toLowerCase()) === true) return row.node.id
  }
  return null
}

/** The ids from one row to another, both included, in the order in which they stand. */
export function rowsBetween(rows: readonly TreeRow[], a: string, b: string): string[] {
  const indexes = [a, b].map((id) => rows.findIndex((row) => row.node.id === id))
  const [first = 0, last = 0] = indexes.toSorted((x, y) => x - y)
  return rows.slice(Math.max(0, first), last + 1).map((row) => row.node.id)
}

/** Whether the nodes may be moved into a branch: not into themselves or into what they hold, and not where all are. */
export function mayMove(nodes: readonly TreeNode[], moved: readonly string[], target: string | null): boolean {
  const path: string[] = []
  const parents = new Map<string, string | null>()
  const walk = (siblings: readonly TreeNode[], parent: string | null) => {
    for (const node of siblings) {
      parents.set(node.id, parent)
      if (node.children !== undefined) walk(node.children, node.id)
    }
  }
  walk(nodes, null)
  for (let at = target; at !== null; at = parents.get(at) ?? null) path.push(at)
  return moved.length > 0 && !moved.some((id) => path.includes(id)) && moved.some((id) => parents.get(id) !== target)
}
