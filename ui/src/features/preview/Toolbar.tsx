// What can be done with the pages. Narrow panes show less; the menu has everything.
import { useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { Toolbar, ToolbarItem } from '../../design/Toolbar'
import { openPreviewWindow } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { changeWindow, useSettings } from '../../state/settings'
import { useProject } from '../../state/project'
import { printPdf, savePdf } from './export'
import { openFind } from './find'
import type { Arrangement } from './layout'
import { arrange, goBack, goForward, setZoom, togglePanel, useView, visit, zoomInOut } from './view'

export function PreviewToolbar({ count, isDetached }: { count: number; isDetached: boolean }) {
  const { panel, back, forward } = useView()
  return (
    <div className="preview-toolbar">
      <Toolbar label="Pages" className="preview-tools">
        <ToolbarItem>
          <IconButton
            icon="panel-left"
            label={panel === 'none' ? 'Show thumbnails' : 'Hide thumbnails and outline'}
            pressed={panel !== 'none'}
            size="small"
            onClick={() => togglePanel(panel === 'none' ? 'thumbnails' : panel)}
          />
        </ToolbarItem>
        {back.length + forward.length > 0 && (
          <>
            <ToolbarItem>
              <IconButton icon="arrow-left" label="Back" shortcut="Alt+ArrowLeft" size="small" disabled={back.length === 0} onClick={goBack} />
            </ToolbarItem>
            <ToolbarItem>
              <IconButton
                icon="arrow-right"
                label="Forward"
                shortcut="Alt+ArrowRight"
                size="small"
                disabled={forward.length === 0}
                onClick={goForward}
                className="preview-wide"
              />
            </ToolbarItem>
          </>
        )}
      </Toolbar>
      <PageField count={count} />
      <Toolbar label="View of the pages" className="preview-tools preview-tools-end">
        <ToolbarItem>
          <IconButton icon="minus" label="Zoom out" shortcut="Mod+-" size="small" className="preview-wide" onClick={() => zoomInOut(-1)} />
        </ToolbarItem>
        <ZoomMenu />
        <ToolbarItem>
          <IconButton icon="plus" label="Zoom in" shortcut="Mod++" size="small" className="preview-wide" onClick={() => zoomInOut(1)} />
        </ToolbarItem>
        <ToolbarItem>
          <IconButton icon="search" label="Find on the pages" shortcut="Mod+F" size="small" onClick={() => openFind()} />
        </ToolbarItem>
        <MoreMenu isDetached={isDetached} />
      </Toolbar>
    </div>
  )
}

/** Where one is, and where to go. */
function PageField({ count }: { count: number }) {
  const page = useView((state) => state.page)
  // What was typed is over when the page changes.
  const [entry, setEntry] = useState<{ page: number; text: string } | null>(null)
  const typed = entry?.page === page ? entry.text : null
  const setTyped = (text: string | null) => setEntry(text === null ? null : { page, text })
  const go = () => {
    const wanted = Number.parseInt(typed ?? '', 10)
    if (wanted >= 1 && wanted <= count && wanted !== page + 1) visit({ page: wanted - 1 })
    setTyped(null)
  }
  const digits = String(count).length
  return (
    <form
      className="preview-page-field"
      onSubmit={(event) => {
        event.preventDefault()
        go()
      }}
    >
      <input
        aria-label={`Page, of ${count}`}
        inputMode="numeric"
        autoComplete="off"
        value={typed ?? String(page + 1)}
        style={{ width: `calc(${Math.max(2, digits)}ch + var(--space-3))` }}
        onChange={(event) => setTyped(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={go}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setTyped(null)
        }}
      />
      <span aria-hidden>/ {count}</span>
    </form>
  )
}

const FACTORS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 8]

function ZoomMenu() {
  const zoom = useView((state) => state.zoom)
  const factor = useView((state) => state.factor)
  const percent = `${Math.round(factor * 100)} %`
  const items: MenuItem[] = [
    { kind: 'item', id: 'width', label: 'Fit width', checked: zoom.type === 'width', shortcut: 'Mod+0', onSelect: () => setZoom({ type: 'width' }) },
    { kind: 'item', id: 'page', label: 'Fit page', checked: zoom.type === 'page', shortcut: 'Mod+9', onSelect: () => setZoom({ type: 'page' }) },
    { kind: 'separator', id: 'factors' },
    ...FACTORS.map(
      (value): MenuItem => ({
        kind: 'item',
        id: String(value),
        label: `${value * 100} %`,
        checked: zoom.type === 'factor' && Math.abs(factor - value) < 0.005,
        onSelect: () => setZoom({ type: 'factor', factor: value }),
      }),
    ),
  ]
  return (
    <Menu
      label="Zoom"
      align="end"
      items={items}
      trigger={
        <Button variant="ghost" size="small" className="preview-zoom" aria-label={`Zoom: ${percent}`}>
          {percent}
        </Button>
      }
    />
  )
}

function MoreMenu({ isDetached }: { isDetached: boolean }) {
  const { arrangement, panel } = useView()
  const darkPaper = useSettings((state) => state.window.darkPaper)
  const open = useProject((state) => state.open)
  const arrangements: { value: Arrangement; label: string }[] = [
    { value: 'single', label: 'One page' },
    { value: 'double', label: 'Two pages' },
    { value: 'book', label: 'Two pages, like a book' },
  ]
  const items: MenuItem[] = [
    ...arrangements.map(
      ({ value, label }): MenuItem => ({ kind: 'item', id: value, label, checked: arrangement === value, onSelect: () => arrange(value) }),
    ),
    { kind: 'separator', id: 'panels' },
    { kind: 'item', id: 'thumbnails', label: 'Thumbnails', checked: panel === 'thumbnails', onSelect: () => togglePanel('thumbnails') },
    { kind: 'item', id: 'outline', label: 'Outline', checked: panel === 'outline', onSelect: () => togglePanel('outline') },
    { kind: 'item', id: 'dark', label: 'Dark paper', checked: darkPaper, onSelect: () => changeWindow({ darkPaper: !darkPaper }) },
    { kind: 'separator', id: 'window' },
    {
      kind: 'item',
      id: 'present',
      label: 'Present full screen',
      icon: 'presentation',
      shortcut: 'F5',
      onSelect: () => useView.setState({ presenting: true }),
    },
  ]
  if (!isDetached && open !== null) {
    const { id, name } = open
    const onSelect = () => void attempt(() => openPreviewWindow(id, `${name} — pages`), 'The window cannot be opened.')
    items.push({ kind: 'item', id: 'detach', label: 'Open in a window of its own', icon: 'external', onSelect })
  }
  items.push(
    { kind: 'separator', id: 'file' },
    { kind: 'item', id: 'save', label: 'Save a copy…', icon: 'download', onSelect: () => void savePdf() },
    { kind: 'item', id: 'print', label: 'Print…', icon: 'print', onSelect: () => void printPdf() },
  )
  return (
    <Menu
      label="More about the pages"
      align="end"
      items={items}
      trigger={<IconButton icon="more" label="More about the pages" size="small" />}
    />
  )
}

