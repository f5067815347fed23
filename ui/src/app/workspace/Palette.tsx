// The command palette: files, commands, places.
import { CommandPalette } from '../../design/CommandPalette'
import { openFile, revealSource, useProject } from '../../state/project'
import { paletteCommands } from './paletteCommands'
import { closePalette, usedInPalette, usePalette } from './palette'

export function Palette() {
  const { open, mode, recent } = usePalette()
  return (
    <CommandPalette
      open={open}
      initialMode={mode}
      onOpenChange={(next) => {
        if (!next) closePalette()
      }}
      items={(kind) => (kind === 'files' ? fileItems() : kind === 'commands' ? paletteCommands() : [])}
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
    label: path.slice(path.lastIndexOf('/') + 1),
    detail: path.slice(0, Math.max(0, path.lastIndexOf('/'))),
    icon: 'file-text' as const,
    run: () => openFile(path, true),
  }))
}
