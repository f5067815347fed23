// The command palette: files, commands, places.
import { useCallback, useEffect, useState } from 'react'
import { CommandPalette } from '../../design/CommandPalette'
import type { IconName } from '../../design/Icon'
import { commands, type ProjectPath, type ProjectSymbol } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { flushDocuments } from '../../state/documents'
import { folderOf, nameOf } from '../../state/paths'
import { activeFile, goToFile, revealSource, useProject } from '../../state/project'
import { iconOf } from '../../features/files/fileNodes'
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
      // The file one is in is not where one wants to go.
      recent={recent.filter((id) => id !== `file:${activeFile()}`)}
      onUse={usedInPalette}
      onGoToLine={(line, column) => {
        const path = activeFile()
        const place = { line, column }
        if (path !== null) revealSource(path, { start: place, end: place })
      }}
    />
  )
}

function fileItems() {
  const files = useProject.getState().open?.files ?? []
  const active = activeFile()
  return files
    .toSorted((a, b) => Number(a.path === active) - Number(b.path === active))
    .map((file) => ({
      id: `file:${file.path}`,
      label: nameOf(file.path),
      detail: folderOf(file.path),
      group: 'Files',
      icon: iconOf(file),
      run: () => goToFile(file.path),
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
    detail: [name === '' || detail === path ? '' : detail, path === active ? '' : path].filter((part) => part !== '').join(' — '),
    group: path === active ? 'In this file' : 'In the project',
    icon: SYMBOL_ICONS[kind],
    run: () => revealSource(path, range),
  })
  const own = symbols.filter(({ place }) => place.path === active)
  return [...own, ...symbols.filter(({ place }) => place.path !== active)].map(item)
}
