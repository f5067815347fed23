import { expect, test } from 'vitest'
import { activeCursor } from './cursor'
import { closeActiveFile, cursorAt, openFile, type OpenProject, useProject } from './project'
import { NO_TABS } from './tabs'

test('no cursor is told of a file that was closed', () => {
  const open: Partial<OpenProject> = { id: 'p', panes: NO_TABS, files: [], root: null, cursor: null }
  useProject.setState({ open: open as OpenProject })
  openFile('main.tex', true)
  cursorAt('main.tex', 3, 7)
  expect(activeCursor()).toEqual({ path: 'main.tex', line: 3, column: 7 })
  openFile('figure.png', true)
  expect(activeCursor()).toBeNull()
  closeActiveFile()
  expect(activeCursor()?.line).toBe(3)
  closeActiveFile()
  expect(activeCursor()).toBeNull()
})
