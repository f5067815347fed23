// Beside the pages: small pictures of them, or the outline of the PDF.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { EmptyState } from '../../design/EmptyState'
import { SegmentedControl } from '../../design/Field'
import { Tree } from '../../design/Tree'
import type { TreeNode } from '../../design/treeModel'
import { VirtualList, type VirtualListHandle } from '../../design/VirtualList'
import { glanceAddress, type Paper } from '../../ipc/addresses'
import { commands, type OutlineItem, type PagePlace, type ProjectId } from '../../ipc/generated'
import { dropPicture, wantPicture } from './pictures'
import { useShown } from './shownPages'
import { useView, visit } from './view'

type Panel = { project: ProjectId; paper: Paper }

export function SidePanel(props: Panel) {
  const panel = useView((state) => state.panel)
  if (panel === 'none') return null
  return (
    <div className="preview-panel">
      <SegmentedControl
        label="Beside the pages"
        className="preview-panel-choice"
        value={panel}
        options={[
          { value: 'thumbnails', label: 'Thumbnails', icon: 'grid', iconOnly: true },
          { value: 'outline', label: 'Outline', icon: 'outline', iconOnly: true },
        ]}
        onChange={(chosen) => useView.setState({ panel: chosen })}
      />
      {panel === 'thumbnails' ? <Thumbnails {...props} /> : <Outline {...props} />}
    </div>
  )
}

const THUMBNAIL_REM = 6.5
const ROW_REM = 10.5

function Thumbnails({ project, paper }: Panel) {
  const count = useShown((state) => state.pages.length)
  const page = useView((state) => state.page)
  const list = useRef<VirtualListHandle>(null)
  const box = useRef<HTMLDivElement>(null)
  // The list, which follows the pages.
  useEffect(() => list.current?.scrollToRow(page), [page])
  const keyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: page + 1, ArrowUp: page - 1, Home: 0, End: count - 1 }[event.key]
    if (to === undefined || to < 0 || to >= count) return
    event.preventDefault()
    visit({ page: to })
    list.current?.scrollToRow(to)
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-thumbnail="${to}"]`)?.focus())
  }
  return (
    <div ref={box} role="presentation" className="preview-thumbnails" onKeyDown={keyDown}>
      <VirtualList
        ref={list}
        count={count}
        rowRem={ROW_REM}
        keyOf={(index) => index}
        renderRow={(index) => (
          <button
            type="button"
            className="preview-thumbnail"
            data-thumbnail={index}
            aria-label={`Page ${index + 1}`}
            aria-current={index === page ? 'page' : undefined}
            tabIndex={index === page ? 0 : -1}
            onClick={() => visit({ page: index })}
          >
            <Thumbnail project={project} paper={paper} page={index} />
            <span aria-hidden>{index + 1}</span>
          </button>
        )}
      />
    </div>
  )
}

/** Thumbnails come after pages that are wanted at the same time. */
const AFTER_PAGES = 1e6

/** They follow the text when it has rested for so long. */
const RESTED_MS = 300

/** The version of a page that follows the text, once it stays. */
function useRested(page: number): number | undefined {
  const live = useShown((state) => state.live.get(page)?.version)
  const [rested, setRested] = useState(live)
  // The clock. A build's page is there at once.
  useEffect(() => {
    const timer = setTimeout(() => setRested(live), live === undefined ? 0 : RESTED_MS)
    return () => clearTimeout(timer)
  }, [live])
  return live === undefined ? undefined : rested
}

function Thumbnail({ project, paper, page }: Panel & { page: number }) {
  const box = useRef<HTMLSpanElement>(null)
  const number = useShown((state) => state.preview?.number ?? 0)
  const live = useRested(page)
  const { width, height } = useShown((state) => state.pages[page]) ?? { width: 1, height: 1 }
  const rem = Math.min(THUMBNAIL_REM / width, (ROW_REM - 2.25) / height)
  const pixels = rem * 16 * window.devicePixelRatio
  const address = glanceAddress(project, live === undefined ? { build: number } : { live }, page, pixels, paper)
  // The picture.
  useEffect(() => {
    const element = box.current
    if (element === null) return
    return wantPicture({
      address,
      distance: () => AFTER_PAGES + Math.abs(useView.getState().page - page),
      done: (image) => {
        if (image === null) return
        const old = [...element.children]
        element.append(image)
        old.forEach(dropPicture)
      },
    })
  }, [address, page])
  // The pixels, which go with it.
  useEffect(() => {
    const element = box.current
    return () => [...(element?.children ?? [])].forEach(dropPicture)
  }, [])
  return <span ref={box} className="preview-thumbnail-picture" data-paper={paper} style={{ width: `${width * rem}rem`, height: `${height * rem}rem` }} />
}

type Entries = { nodes: TreeNode[]; places: Map<string, PagePlace> }

function entries(items: readonly OutlineItem[]): Entries {
  const places = new Map<string, PagePlace>()
  const take = (list: readonly OutlineItem[], above: string): TreeNode[] =>
    list.map((item, index) => {
      const id = `${above}${index}`
      if (item.place !== null) places.set(id, item.place)
      const node = { id, label: item.title }
      return item.children.length === 0 ? node : { ...node, children: take(item.children, `${id}.`) }
    })
  return { nodes: take(items, ''), places }
}

function Outline({ project }: Panel) {
  const [items, setItems] = useState<readonly OutlineItem[] | null>(null)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set())
  const [chosen, setChosen] = useState<string | null>(null)
  const page = useView((state) => state.page)
  const { nodes, places } = useMemo(() => entries(items ?? []), [items])
  const number = useShown((state) => state.preview?.number ?? 0)

  // The outline of these pages; that of the pages before stays until it is there.
  useEffect(() => {
    let isGone = false
    commands.pdfOutline({ project, number }).then(
      (found) => isGone || setItems(found),
      () => {
        // Other pages have come meanwhile.
      },
    )
    return () => {
      isGone = true
    }
  }, [project, number])

  // What is read is marked: what was chosen, until one is elsewhere; else the last entry that is not behind the page.
  const selected = useMemo(() => {
    if (chosen !== null && places.get(chosen)?.page === page) return new Set([chosen])
    let last: string | null = null
    for (const [id, place] of places) if (place.page <= page && isShown(id, expanded)) last = id
    return new Set(last === null ? [] : [last])
  }, [places, page, expanded, chosen])

  if (items === null) return null
  if (nodes.length === 0) {
    return <EmptyState title="No outline">The hyperref package makes one of the sections.</EmptyState>
  }
  return (
    <Tree
      label="Outline of the PDF"
      nodes={nodes}
      expanded={expanded}
      onExpandedChange={setExpanded}
      selected={selected}
      onSelectedChange={(ids) => {
        const [id] = ids
        setChosen(id ?? null)
        const place = id === undefined ? undefined : places.get(id)
        if (place !== undefined) visit(place)
      }}
      onOpen={(id) => {
        const place = places.get(id)
        if (place !== undefined) visit(place)
      }}
    />
  )
}

/** Whether all that is above an entry is open. */
function isShown(id: string, expanded: ReadonlySet<string>): boolean {
  const parts = id.split('.')
  return parts.slice(0, -1).every((_, i) => expanded.has(parts.slice(0, i + 1).join('.')))
}
