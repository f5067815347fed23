import { useMemo, useState } from 'react'
import { Badge } from '../design/Badge'
import { Button, IconButton } from '../design/Button'
import { CommandPalette } from '../design/CommandPalette'
import { ContextMenu } from '../design/ContextMenu'
import { ConfirmDialog, Dialog } from '../design/Dialog'
import { EditorTabs } from '../design/EditorTabs'
import { EmptyState } from '../design/EmptyState'
import { Checkbox, SegmentedControl, Select, Switch, TextField } from '../design/Field'
import { Kbd } from '../design/Kbd'
import { Logo } from '../design/logo/Logo'
import { Menu } from '../design/Menu'
import type { MenuItem } from '../design/menuItems'
import type { PaletteItem } from '../design/palette'
import { ProgressBar, Spinner } from '../design/Progress'
import { SplitPane } from '../design/SplitPane'
import { ToastRegion } from '../design/ToastRegion'
import { showToast } from '../design/toasts'
import { Tree } from '../design/Tree'
import type { TreeNode } from '../design/treeModel'

const nothing = () => {}
const MENU: MenuItem[] = [
  { kind: 'item', id: 'new', label: 'New file…', icon: 'file-new', shortcut: 'Mod+N', onSelect: nothing },
  { kind: 'item', id: 'rename', label: 'Rename', shortcut: 'F2', icon: 'pencil', onSelect: nothing },
  { kind: 'submenu', id: 'export', label: 'Export', icon: 'download', items: [{ kind: 'item', id: 'zip', label: 'Zip', onSelect: nothing }] },
  { kind: 'separator', id: 's1' },
  { kind: 'heading', id: 'h', label: 'View' },
  { kind: 'item', id: 'wrap', label: 'Wrap lines', checked: true, onSelect: nothing },
  { kind: 'item', id: 'off', label: 'Not now', disabled: true, onSelect: nothing },
  { kind: 'separator', id: 's2' },
  { kind: 'item', id: 'delete', label: 'Move to trash', icon: 'trash', danger: true, onSelect: nothing },
]
const FILES: TreeNode[] = [
  {
    id: 'chapters', label: 'chapters', icon: 'folder-open',
    children: [
      { id: 'c1', label: 'introduction.tex', icon: 'file-text' },
      { id: 'c2', label: 'a-chapter-with-a-very-long-name-that-does-not-fit.tex', icon: 'file-text', badge: '3' },
    ],
  },
  { id: 'figures', label: 'figures', icon: 'folder', children: Array.from({ length: 2000 }, (_, i) => ({ id: `f${i}`, label: `figure-${i}.pdf`, icon: 'file-image' as const })) },
  { id: 'main', label: 'main.tex', icon: 'file-text' },
  { id: 'refs', label: 'refs.bib', icon: 'bibliography' },
  { id: 'log', label: 'main.log', icon: 'file', dim: true },
]
const ITEMS: PaletteItem[] = [
  { id: 'main', label: 'main.tex', icon: 'file-text', run: nothing },
  { id: 'c1', label: 'introduction.tex', detail: 'chapters', icon: 'file-text', run: nothing },
  { id: 'refs', label: 'refs.bib', icon: 'bibliography', run: nothing },
]
const COMMANDS: PaletteItem[] = [
  { id: 'build', label: 'Build', group: 'Document', shortcut: 'Mod+Enter', run: nothing },
  { id: 'clean', label: 'Build from scratch', group: 'Document', run: nothing },
  { id: 'wrap', label: 'Wrap lines', group: 'View', shortcut: 'Alt+Z', run: nothing },
]

/** The whole kit. `open` shows one overlay: dialog, confirm, palette. */
export function Components({ open }: { open: string | null }) {
  const [text, setText] = useState('On Gathered Leaves')
  const [engine, setEngine] = useState<'xetex' | 'pdftex'>('xetex')
  const [zoom, setZoom] = useState<'width' | 'page' | 'actual'>('width')
  const [on, setOn] = useState(true)
  const [tabs, setTabs] = useState(['main.tex', 'introduction.tex', 'refs.bib', 'quire.cls', 'appendix.tex'])
  const [active, setActive] = useState<string | null>('main.tex')
  const [split, setSplit] = useState(0.4)
  const [collapsed, setCollapsed] = useState(false)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set(['chapters']))
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(['main']))
  const [renaming, setRenaming] = useState<string | null>(null)
  const [overlay, setOverlay] = useState(open)
  const items = useMemo(() => (mode: string) => (mode === 'commands' ? COMMANDS : ITEMS), [])
  return (
    <main className="gallery">
      <h1>
        <Logo size={2.5} label="Quire" /> Quire
      </h1>
      <section>
        <h2>Buttons</h2>
        <div className="gallery-row">
          <Button variant="primary">New project</Button>
          <Button icon="folder-open">Open folder</Button>
          <Button variant="ghost">Later</Button>
          <Button variant="danger">Delete</Button>
        </div>
        <div className="gallery-row">
          <Button size="small">Small</Button>
          <Button busy>Building</Button>
          <Button disabled>Disabled</Button>
          <IconButton icon="sun" label="Theme" shortcut="Mod+Shift+L" />
          <IconButton icon="wrap" label="Wrap lines" pressed />
          <IconButton icon="close" label="Close" size="small" />
        </div>
        <div className="gallery-row">
          <Kbd shortcut="Mod+Shift+P" /> <Badge>12</Badge> <Badge tone="accent">live</Badge> <Badge tone="warning">3 warnings</Badge>
          <Badge tone="danger">1 error</Badge> <Badge tone="success">saved</Badge> <Badge tone="info">info</Badge>
        </div>
        <div className="gallery-row">
          <Spinner /> <Spinner size={1.5} label="Loading" />
        </div>
        <ProgressBar value={0.4} label="Pass 2" />
        <ProgressBar value={null} label="Working" />
      </section>
      <section>
        <h2>Fields</h2>
        <TextField label="Title" value={text} onChange={setText} hint="Shown in the gallery." />
        <TextField label="File name" value="main.tex" onChange={nothing} error="There is a file of this name already." />
        <TextField label="Search" hideLabel icon="search" placeholder="Search projects" value="" onChange={nothing} />
        <Select label="Engine" value={engine} onChange={setEngine} options={[{ value: 'xetex', label: 'XeTeX' }, { value: 'pdftex', label: 'pdfTeX' }]} />
      </section>
      <section>
        <h2>Choices</h2>
        <Switch label="Build as you type" hint="One second after the last key." checked={on} onChange={setOn} />
        <Switch label="Switched off" checked={false} onChange={nothing} />
        <Checkbox label="Update references too" checked={on} onChange={setOn} />
        <Checkbox label="Some of them" checked={false} mixed onChange={nothing} />
        <Checkbox label="None" checked={false} onChange={nothing} />
        <SegmentedControl label="Zoom" value={zoom} onChange={setZoom} options={[{ value: 'width', label: 'Fit width' }, { value: 'page', label: 'Fit page' }, { value: 'actual', label: '100 %' }]} />
      </section>
      <section>
        <h2>Tabs</h2>
        <div className="gallery-frame">
          <EditorTabs
            label="Open files"
            tabs={tabs.map((id) => ({ id, title: id, icon: id.endsWith('bib') ? 'bibliography' : 'file-text', marked: id === 'refs.bib', preview: id === 'appendix.tex' }))}
            active={active}
            onActivate={setActive}
            onClose={(id) => setTabs(tabs.filter((tab) => tab !== id))}
            onMove={(id, index) => setTabs(tabs.filter((tab) => tab !== id).toSpliced(index, 0, id))}
            menuFor={() => MENU}
          />
        </div>
        <h2>Split</h2>
        <div className="gallery-frame" style={{ height: '8rem' }}>
          <SplitPane
            direction="row" label="Width of the tree" fraction={split} onFractionChange={setSplit} minRem={[4, 4]}
            collapsible="first" collapsed={collapsed} onCollapsedChange={setCollapsed}
            first={<div style={{ padding: '1rem' }}>First</div>} second={<EmptyState title="Second" />}
          />
        </div>
      </section>
      <section>
        <h2>Tree</h2>
        <div className="gallery-frame" style={{ height: '15rem' }}>
          <Tree
            label="Files" nodes={FILES} expanded={expanded} onExpandedChange={setExpanded} selected={selected} onSelectedChange={setSelected}
            onOpen={nothing} renaming={renaming} onRenamingChange={setRenaming} onRename={nothing} onMove={nothing} menuFor={() => MENU}
          />
        </div>
      </section>
      <section>
        <h2>Menus and messages</h2>
        <div className="gallery-row">
          <Menu trigger={<Button icon="more">Menu</Button>} items={MENU} />
          <ContextMenu items={MENU}><div className="gallery-frame" style={{ padding: '0.4rem 1rem' }}>Right click</div></ContextMenu>
          <Button onClick={() => setOverlay('dialog')}>Dialog</Button>
          <Button onClick={() => setOverlay('confirm')}>Confirm</Button>
          <Button onClick={() => setOverlay('palette')}>Palette</Button>
          <Button onClick={() => { showToast({ title: 'Moved to the trash', action: { label: 'Undo', run: nothing } }); showToast({ title: 'Cannot write to the disk', detail: 'It is full. Your text is kept in memory until there is room.', tone: 'danger' }) }}>Toast</Button>
        </div>
        <div className="gallery-frame" style={{ height: '14rem' }}>
          <EmptyState icon="book" title="No pages yet" actions={<Button variant="primary" icon="play">Build</Button>}>
            Build the document to see its pages here. They follow what you type.
          </EmptyState>
        </div>
      </section>
      <Dialog open={overlay === 'dialog'} onOpenChange={() => setOverlay(null)} title="New project" description="From a template, or empty." footer={<><Button onClick={() => setOverlay(null)}>Cancel</Button><Button variant="primary">Create</Button></>}>
        <TextField label="Name" value={text} onChange={setText} />
      </Dialog>
      <ConfirmDialog open={overlay === 'confirm'} title="Delete “Thesis” for good?" description="Its files and its whole history go with it. This cannot be undone." confirmLabel="Delete" danger onConfirm={() => setOverlay(null)} onCancel={() => setOverlay(null)} />
      <CommandPalette open={overlay === 'palette'} initialMode="commands" onOpenChange={() => setOverlay(null)} items={items} recent={['wrap']} />
      <ToastRegion />
    </main>
  )
}
