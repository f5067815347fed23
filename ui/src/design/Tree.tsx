// A tree of thousands of rows, of which those in sight exist. The focus roves: one row is in the tab order.
import { type DragEvent, type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react'
import { ContextMenu } from './ContextMenu'
import { Icon } from './Icon'
import type { MenuItem } from './menuItems'
import './panes.css'
import { mayMove, rowsBetween, treeKey, type TreeNode, type TreeRow, typeAhead, visibleRows } from './treeModel'
import { VirtualList, type VirtualListHandle } from './VirtualList'

const TYPE_AHEAD_MS = 700
const EXPAND_ON_HOVER_MS = 600

/** What a tree shows and tells. Selection and open branches belong to the owner. */
export type TreeProps = {
  label: string
  nodes: readonly TreeNode[]
  expanded: ReadonlySet<string>
  onExpandedChange: (expanded: ReadonlySet<string>) => void
  selected: ReadonlySet<string>
  onSelectedChange: (selected: ReadonlySet<string>) => void
  /** Click, Enter on a leaf; `keep` on a double click: not only to look at. */
  onOpen: (id: string, keep: boolean) => void
  onDelete?: ((ids: readonly string[]) => void) | undefined
  /** The node whose name is being edited; the owner sets it on `onRenamingChange` and for new nodes. */
  renaming?: string | null | undefined
  onRenamingChange?: ((id: string | null) => void) | undefined
  /** Called with a name that differs and is not empty. */
  onRename?: ((id: string, name: string) => void) | undefined
  /** Nodes dropped on a branch; null is the root. */
  onMove?: ((ids: readonly string[], target: string | null) => void) | undefined
  /** Files dropped from the desktop. */
  onDropFiles?: ((files: FileList, target: string | null) => void) | undefined
  /** Branches open like leaves, on a click or Enter; only the arrow at their start, and the arrow keys, unfold them. */
  opensBranches?: boolean | undefined
  /** A node that is kept in sight. */
  inSight?: string | null | undefined
  menuFor?: ((ids: readonly string[]) => readonly MenuItem[]) | undefined
}

/** A tree with multiple selection, renaming in place, drag and drop, and type-ahead. */
export function Tree(props: TreeProps) {
  const { nodes, expanded, selected, onExpandedChange, onSelectedChange, onOpen, onRenamingChange } = props
  const rows = useMemo(() => visibleRows(nodes, expanded), [nodes, expanded])
  const [focused, setFocused] = useState<string | null>(null)
  const [dropTarget, setDropTarget] = useState<string | null | undefined>(undefined)
  const anchor = useRef<string | null>(null)
  const typed = useRef({ text: '', at: 0 })
  const dragged = useRef<readonly string[]>([])
  const hover = useRef<{ id: string; timer: ReturnType<typeof setTimeout> } | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualListHandle>(null)
  const inTabOrder = rows.some((row) => row.node.id === focused) ? focused : (rows.find((row) => selected.has(row.node.id)) ?? rows[0])?.node.id

  const focusRow = (id: string) => {
    setFocused(id)
    list.current?.scrollToRow(rows.findIndex((row) => row.node.id === id))
    // The row may only exist after the scroll has been drawn.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus())
  }
  const setExpanded = (ids: readonly string[], open: boolean) => {
    const next = new Set(expanded)
    for (const id of ids) {
      if (open) next.add(id)
      else next.delete(id)
    }
    onExpandedChange(next)
  }
  const select = (id: string, how: 'only' | 'toggle' | 'range') => {
    if (how === 'range' && anchor.current !== null) {
      onSelectedChange(new Set(rowsBetween(rows, anchor.current, id)))
      return
    }
    anchor.current = id
    if (how !== 'toggle') return onSelectedChange(new Set([id]))
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    onSelectedChange(next)
  }

  const { inSight } = props
  // The scroll position follows the node that the owner points at.
  useEffect(() => {
    const index = inSight === null || inSight === undefined ? -1 : rows.findIndex((row) => row.node.id === inSight)
    if (index >= 0) list.current?.scrollToRow(index)
  }, [inSight, rows])

  const keyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return
    if (event.key === 'Enter' && props.opensBranches === true && focused !== null) {
      event.preventDefault()
      return onOpen(focused, true)
    }
    const action = treeKey(rows, focused, selected, event)
    if (action === null) {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return
      const text = event.timeStamp - typed.current.at < TYPE_AHEAD_MS ? typed.current.text + event.key : event.key
      typed.current = { text, at: event.timeStamp }
      const found = typeAhead(rows, focused, text)
      if (found !== null) {
        select(found, 'only')
        focusRow(found)
      }
      return
    }
    event.preventDefault()
    event.stopPropagation()
    switch (action.kind) {
      case 'focus':
        if (action.extend && anchor.current === null) anchor.current = focused
        select(action.id, action.extend ? 'range' : 'only')
        return focusRow(action.id)
      case 'expand':
        return setExpanded([action.id], true)
      case 'collapse':
        return setExpanded([action.id], false)
      case 'expand-siblings':
        return setExpanded(action.ids, true)
      case 'open':
        return onOpen(action.id, true)
      case 'rename':
        return onRenamingChange?.(action.id)
      case 'toggle-selected':
        return select(action.id, 'toggle')
      case 'select-all':
        return onSelectedChange(new Set(rows.map((row) => row.node.id)))
      case 'delete':
        return props.onDelete?.(action.ids)
    }
  }
  const click = (event: MouseEvent, row: TreeRow) => {
    const { id } = row.node
    setFocused(id)
    if (event.shiftKey) return select(id, 'range')
    if (event.ctrlKey || event.metaKey) return select(id, 'toggle')
    select(id, 'only')
    const onTwist = event.target instanceof Element && event.target.closest('.q-tree-twist') !== null
    if (row.expanded === null || (props.opensBranches === true && !onTwist)) onOpen(id, event.detail > 1)
    else if (event.detail === 1) setExpanded([id], !row.expanded)
  }

  const forgetHover = () => {
    if (hover.current !== null) clearTimeout(hover.current.timer)
    hover.current = null
  }
  // The clock outside React: a branch that is hovered over must not open after the tree is gone.
  useEffect(
    () => () => {
      if (hover.current !== null) clearTimeout(hover.current.timer)
    },
    [],
  )
  const dragOver = (event: DragEvent, row: TreeRow | null) => {
    const target = row === null ? null : row.expanded === null ? row.parent : row.node.id
    const fromDesktop = event.dataTransfer.types.includes('Files')
    const accepts = fromDesktop ? props.onDropFiles !== undefined : props.onMove !== undefined && mayMove(nodes, dragged.current, target)
    event.stopPropagation()
    if (!accepts) return setDropTarget(undefined)
    event.preventDefault()
    setDropTarget(target)
    if (row?.expanded === false && hover.current?.id !== row.node.id) {
      forgetHover()
      const { id } = row.node
      hover.current = { id, timer: setTimeout(() => setExpanded([id], true), EXPAND_ON_HOVER_MS) }
    } else if (row?.expanded !== false) {
      forgetHover()
    }
  }
  const endDrag = () => {
    forgetHover()
    dragged.current = []
    setDropTarget(undefined)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (dropTarget !== undefined) {
      if (event.dataTransfer.files.length > 0) props.onDropFiles?.(event.dataTransfer.files, dropTarget)
      else if (dragged.current.length > 0) props.onMove?.(dragged.current, dropTarget)
    }
    endDrag()
  }

  const renderRow = (index: number) => {
    const row = rows[index]
    if (row === undefined) return null
    const { node } = row
    const { id } = node
    const ids = selected.has(id) ? [...selected] : [id]
    const element = (
      <div
        role="treeitem"
        data-row={id}
        aria-level={row.level}
        aria-setsize={row.setSize}
        aria-posinset={row.position}
        aria-selected={selected.has(id)}
        aria-expanded={row.expanded ?? undefined}
        tabIndex={id === inTabOrder ? 0 : -1}
        className="q-tree-row"
        style={{ ['--q-level' as string]: row.level }}
        data-dim={node.dim === true || undefined}
        data-drop={dropTarget === id || undefined}
        draggable={props.onMove !== undefined && props.renaming !== id}
        onClick={(event) => click(event, row)}
        onKeyDown={keyDown}
        onFocus={() => setFocused(id)}
        onContextMenu={() => {
          setFocused(id)
          if (!selected.has(id)) select(id, 'only')
        }}
        onDragStart={(event) => {
          dragged.current = ids
          event.dataTransfer.effectAllowed = 'move'
          event.dataTransfer.setData('text/plain', ids.join('\n'))
        }}
        onDragOver={(event) => dragOver(event, row)}
        onDrop={drop}
        onDragEnd={endDrag}
      >
        <span className="q-tree-twist">{row.expanded === null ? null : <Icon name="chevron-right" size={0.875} />}</span>
        {node.icon === undefined ? null : <Icon name={node.icon} size={0.9375} className="q-tree-icon" />}
        {props.renaming === id ? (
          <RenameField
            label={node.label}
            onDone={(name) => {
              onRenamingChange?.(null)
              if (name !== null && name !== '' && name !== node.label) props.onRename?.(id, name)
              focusRow(id)
            }}
          />
        ) : (
          <span className="q-tree-label">{node.label}</span>
        )}
        {node.badge === undefined ? null : <span className="q-badge q-tone-neutral">{node.badge}</span>}
      </div>
    )
    return props.menuFor === undefined ? element : <ContextMenu items={props.menuFor(ids)}>{element}</ContextMenu>
  }

  return (
    <div
      ref={box}
      role="tree"
      aria-label={props.label}
      aria-multiselectable
      tabIndex={-1}
      className="q-tree"
      data-drop-root={dropTarget === null || undefined}
      onDragOver={(event) => dragOver(event, null)}
      onDragLeave={(event) => {
        if (event.currentTarget === event.target) setDropTarget(undefined)
      }}
      onDrop={drop}
    >
      <VirtualList ref={list} count={rows.length} keyOf={(index) => rows[index]?.node.id ?? index} renderRow={renderRow} />
    </div>
  )
}

/** The name in place; what stands before the extension is selected. Escape and the loss of an unchanged name's
    focus give null. */
function RenameField({ label, onDone }: { label: string; onDone: (name: string | null) => void }) {
  const done = useRef(false)
  const finish = (name: string | null) => {
    if (done.current) return
    done.current = true
    onDone(name)
  }
  return (
    <input
      className="q-tree-rename"
      aria-label={`New name of ${label}`}
      defaultValue={label}
      spellCheck={false}
      autoFocus
      onFocus={(event) => {
        const dot = label.lastIndexOf('.')
        event.target.setSelectionRange(0, dot > 0 ? dot : label.length)
      }}
      onClick={(event) => event.stopPropagation()}
      onBlur={(event) => finish(event.target.value.trim())}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') finish(event.currentTarget.value.trim())
        if (event.key === 'Escape') finish(null)
      }}
    />
  )
}
