// The command palette: files, commands, places.
import { useCallback, useEffect, useState } from 'react'
import { CommandPalette } from '../../design/CommandPalette'
import type { IconName } from '../../design/Icon'
import { commands, type ProjectPath, type ProjectSymbol } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { flushDocuments } from '../../state/documents'
import { folderOf, nameOf } from '../../state/paths'
import { activeFile, openFile, revealSource, useProject } from '../../state/project'
import { paletteCommands } from './paletteCommands'
import { closePalette, usedInPalette, usePalette } from './palette'

export function Palette() {
  const { open, mode, recent } = usePalette()
  const project = useProject((state) => state.open?.id)
  const [symbols, setSymbols] = useState<readonly ProjectSymbol[]>([])

  // What has a name in the project, asked for when the palette opens.
  useEffect(() => {
    if (!open || project === undefined) return
    void attempt(async () => {
      await flushDocuments()
      setSymbols(await commands.symbols({ project }))
    })
  }, [open, project])

  const items = useCallback(
    (kind: 'files' | 'commands' | 'symbols') => (kind === 'files' ? fileItems() : kind === 'commands' ? paletteCommands() : symbolItems(symbols, activeFile())),
    [symbols],
  )
  return (
    <CommandPalette
      open={open}
      initialMode={mode}
      onOpenChange={(next) => {
        if (!next) closePalette()
      }}
      items={items}
      recent={recent}
      onUse={usedInPalette}
      onGoToLine={(line, column) => {
        const cursor = useProject.getState().open?.cursor
        if (cursor === null || cursor === undefined) return
        const place = { line, column }
        revealSource(cursor.path, { start: place, end: place })
      }}
    />
  )
}

function fileItems() {
  const files = useProject.getState().open?.files ?? []
  return files.map(({ path }) => ({
    id: `file:${path}`,
    label: nameOf(path),
    detail: folderOf(path),
    icon: 'file-text' as const,
    run: () => openFile(path, true),
  }))
}

const SYMBOL_ICONS: Readonly<Record<ProjectSymbol['kind'], IconName>> = {
  section: 'outline',
  label: 'label',
  command: 'terminal',
  environment: 'square',
  entry: 'bibliography',
}

/** Those of the file that is being edited come first. */
function symbolItems(symbols: readonly ProjectSymbol[], active: ProjectPath | null) {
  const item = ({ kind, name, detail, place: { path, range } }: ProjectSymbol) => ({
    id: `symbol:${kind}:${path}:${name}:${range.start.line}:${range.start.column}`,
    label: name || detail || 'Untitled',
    detail: [name === '' ? '' : detail, path === active ? '' : path].filter((part) => part !== '').join(' — '),
    group: path === active ? 'In this file' : 'In the project',
    icon: SYMBOL_ICONS[kind],
    run: () => revealSource(path, range),
  })
  const own = symbols.filter(({ place }) => place.path === active)
  return [...own, ...symbols.filter(({ place }) => place.path !== active)].map(item)
}
