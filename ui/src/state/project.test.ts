import { beforeEach, expect, test } from 'vitest'
import { activeCursor } from './cursor'
import { cursorAt, openFile, type OpenProject, takeEvent, useProject } from './project'
import type { BuildReport, BuildSettings, Problem } from '../ipc/generated'
import { NO_TABS } from './tabs'

const BUILD: BuildSettings = { programs: 'notAsked', limits: { memoryMb: null, processors: null, processes: null, seconds: null, outputMb: null }, draft: false, stopOnFirstError: false }

beforeEach(() => {
  const open: Partial<OpenProject> = { id: 'p', panes: NO_TABS, files: [], root: null, cursor: null, live: new Map(), liveCount: null }
  useProject.setState({ open: open as OpenProject })
})

test('the cursor stays where it is when its file gets another name', () => {
  openFile('a.tex', true)
  cursorAt('a.tex', 2, 1)
  takeEvent({ type: 'fileMoved', project: 'p', from: 'a.tex', to: 'b.tex' })
  expect(activeCursor()).toEqual({ path: 'b.tex', line: 2, column: 1 })
})

test('settings that another window has changed are known here', () => {
  takeEvent({ type: 'projectSettingsChanged', project: 'p', settings: { words: ['quire'], language: null, emptyFolders: [], build: BUILD, window: null } })
  expect(useProject.getState().open?.settings.words).toEqual(['quire'])
})

test('whether pages follow the keystroke is known as it changes, of this project only', () => {
  takeEvent({ type: 'liveState', project: 'p', state: { type: 'live' } })
  takeEvent({ type: 'liveState', project: 'other', state: { type: 'givenUp' } })
  expect(useProject.getState().open?.liveState).toEqual({ type: 'live' })
})

test('a main file that another window has chosen is known here', () => {
  takeEvent({ type: 'rootChosen', project: 'p', root: 'other.tex' })
  expect(useProject.getState().open?.root).toBe('other.tex')
})

test('what is wrong while one types goes when it is mended, or when a build tells it', () => {
  const problem: Problem = { code: 'x', severity: 'error', path: 'a.tex', foreign: null, range: null, message: 'm', explanation: '', fix: null, action: null, caused: [] }
  const report: BuildReport = { outcome: 'cancelled', root: 'a.tex', problems: [], pages: 0, passes: 0, wallMs: 1, upToDate: false, pagesKept: false, asksForPrograms: false, revision: 1 }
  const now = () => useProject.getState().open?.liveProblem
  takeEvent({ type: 'liveProblem', project: 'p', problem })
  expect(now()).toEqual(problem)
  takeEvent({ type: 'liveProblem', project: 'p', problem: null })
  expect(now()).toBeNull()
  takeEvent({ type: 'liveProblem', project: 'p', problem })
  takeEvent({ type: 'built', project: 'p', report })
  expect(now()).toEqual(problem)
  takeEvent({ type: 'built', project: 'p', report: { ...report, outcome: 'errors' } })
  expect(now()).toBeNull()
})

test('how many pages there are with the text is known until a build knows it', () => {
  const size = { width: 1, height: 1 }
  const preview = (revision: number) => ({ number: revision, pages: [size], root: 'a.tex', revision })
  const now = () => useProject.getState().open?.liveCount
  takeEvent({ type: 'previewChanged', project: 'p', preview: preview(1) })
  takeEvent({ type: 'liveCount', project: 'p', revision: 3, pages: 2 })
  expect(now()).toEqual({ pages: 2, revision: 3 })
  takeEvent({ type: 'previewChanged', project: 'p', preview: preview(2) })
  expect(now()).toEqual({ pages: 2, revision: 3 })
  takeEvent({ type: 'previewChanged', project: 'p', preview: preview(3) })
  expect(now()).toBeNull()
  // A build has overtaken it.
  takeEvent({ type: 'liveCount', project: 'p', revision: 3, pages: 2 })
  expect(now()).toBeNull()
})
