// The project that is open in this window: its files, tabs, builds, pages. Events of the application come in at
// `takeEvent`; what the author does goes out through the functions below.
import { create } from 'zustand'
import { showToast } from '../design/toasts'
import {
  type BuildReport,
  type BuildState,
  commands,
  type Event,
  type FileEntry,
  type LiveState,
  type PageArea,
  type PageBox,
  type PicturePatch,
  type PreviewInfo,
  type Problem,
  type ProjectId,
  type ProjectPath,
  type ProjectSettings,
  type Range,
  type SaveState,
  type Sharing,
} from '../ipc/generated'
import { tellWindows, type WindowMessage } from '../ipc/windows'
import { attempt } from './attempt'
import { closeDocuments, documentMoved, documentOf, flushDocuments, forgetDocument } from './documents'
import { show, useSession } from './session'
import { closeTab, dropFile, keepTab, moveTab, NO_TABS, openTab, type Panes, renameTab, toggleSplit } from './tabs'

/** What the panel below the editor shows. */
export type Bottom = 'problems' | 'log'

/** Something to go to, once: `number` tells it from the same place asked for again. */
export type Wish<Place> = { number: number; place: Place }

/** A page that follows the text: `version` names its picture, `revision` is the last edit that it shows; see `LivePageInfo`. */
export type LivePage = { version: number; revision: number; size: PageBox; cameFrom: number | null; patches: readonly PicturePatch[] }

/** How many pages there are with the text up to an edit. */
export type LiveCount = { pages: number; revision: number }

export type OpenProject = {
  id: ProjectId
  name: string
  folder: string | null
  files: readonly FileEntry[]
  emptyFolders: readonly ProjectPath[]
  root: ProjectPath | null
  engine: string
  settings: ProjectSettings
  panes: Panes
  build: BuildState
  report: BuildReport | null
  /** What is wrong with what is being written, though the last build was not. */
  liveProblem: Problem | null
  preview: PreviewInfo | null
  /** Whether pages follow the keystroke. */
  liveState: LiveState
  /** Pages, counted from zero, that have changed since the build of `preview`. */
  live: ReadonlyMap<number, LivePage>
  /** What the last run with the text came to that ended since then. */
  liveCount: LiveCount | null
  saving: SaveState
  /** How it was shared when it was opened; since then `state/sharing` knows. */
  sharing: Sharing | null
  /** The panel below the editor; null while it is closed. */
  bottom: Bottom | null
  /** A place in a source that the editor should go to; without a range it only takes the focus. */
  reveal: Wish<{ path: ProjectPath; range: Range | null; focus: boolean }> | null
  /** Places on pages that the preview should go to and mark for a moment. */
  mark: Wish<readonly PageArea[]> | null
  /** Where the cursor is. */
  cursor: { path: ProjectPath; line: number; column: number } | null
}

export const useProject = create<{ open: OpenProject | null }>(() => ({ open: null }))

let wishes = 0

function change(update: (open: OpenProject) => Partial<OpenProject>): void {
  useProject.setState((state) => (state.open === null ? state : { open: { ...state.open, ...update(state.open) } }))
}

function current(): OpenProject | null {
  return useProject.getState().open
}

/** What nothing has happened to yet. */
const AT_FIRST = {
  build: { type: 'idle' },
  report: null,
  liveProblem: null,
  live: new Map(),
  liveCount: null,
  saving: { type: 'saved' },
  bottom: null,
  reveal: null,
  mark: null,
  cursor: null,
} as const satisfies Partial<OpenProject>

/** Opens a project in this window, which leaves the one that is open. */
export async function openProject(id: ProjectId): Promise<void> {
  if (current()?.id === id) return
  // Documents are known by their paths: two projects at once would take each other's.
  await leaveProject()
  written = null
  performance.mark('quire:opening')
  await attempt(async () => {
    const view = await commands.openProject({ project: id })
    const stored = storedPanes(view.settings, view.files)
    const first = view.root ?? mainFile(view.files)
    const active = stored.panes[0]?.active ?? first
    // The text is on its way while the window is made.
    if (active !== null && view.files.some((file) => file.path === active && file.kind === 'text')) documentOf(id, active)
    useProject.setState({
      open: {
        ...view,
        preview: view.preview ?? (early?.project === id ? early.preview : null),
        panes: stored,
        ...AT_FIRST,
      },
    })
    if (view.leftOut !== null) showToast({ tone: 'warning', title: view.leftOut })
    if (active !== null) goToFile(active)
    show({ type: 'project', project: id })
    await commands.build({ project: id, clean: false })
  }, 'The project cannot be opened.')
}

/** Shows only the pages of a project in this window; another has its sources and builds it. */
export async function openPages(id: ProjectId): Promise<void> {
  await attempt(async () => {
    const view = await commands.openProject({ project: id })
    useProject.setState({
      open: {
        ...view,
        panes: NO_TABS,
        ...AT_FIRST,
      },
    })
    show({ type: 'pages', project: id })
  }, 'The pages cannot be shown.')
}

/** Goes back to the gallery. */
export async function leaveProject(): Promise<void> {
  const open = current()
  if (open === null) return
  await flushDocuments()
  rememberPanes(open)
  show({ type: 'gallery' })
  useProject.setState({ open: null })
  await closeDocuments()
}

/** The file that a reader would begin with. */
export function mainFile(files: readonly FileEntry[]): ProjectPath | null {
  const sources = files.filter((file) => file.kind === 'text' && file.path.endsWith('.tex'))
  const named = sources.find((file) => /^(main|thesis|paper|book|article)\.tex$/.test(file.path))
  return (named ?? sources.find((file) => !file.path.includes('/')) ?? sources[0])?.path ?? null
}

function storedPanes(settings: ProjectSettings, files: readonly FileEntry[]): Panes {
  const stored = (settings.window as { tabs?: unknown } | null)?.tabs
  if (!Array.isArray(stored)) return NO_TABS
  const there = new Set(files.map((file) => file.path))
  const paths = stored.filter((path): path is string => typeof path === 'string' && there.has(path))
  const active = (settings.window as { active?: unknown }).active
  const panes = paths.reduce((all, path) => openTab(all, path, true), NO_TABS)
  return typeof active === 'string' && paths.includes(active) ? openTab(panes, active, true) : panes
}

function rememberPanes(open: OpenProject): void {
  const [first] = open.panes.panes
  const window = { ...open.settings.window, tabs: first?.tabs ?? [], active: first?.active ?? null }
  const settings = { ...open.settings, window }
  void attempt(() => commands.setProjectSettings({ project: open.id, settings }))
}

/** Shows a file; `keep` makes its tab stay. */
export function openFile(path: ProjectPath, keep: boolean): void {
  changePanes((panes) => openTab(panes, path, keep))
}

export function closeFile(pane: number, path: ProjectPath): void {
  changePanes((panes) => closeTab(panes, pane, path))
}

/** Closes the file that has the focus. */
export function closeActiveFile(): void {
  const panes = current()?.panes
  const path = activeFile()
  if (panes !== undefined && path !== null) closeFile(panes.focused, path)
}

export function keepFile(path: ProjectPath): void {
  const open = current()
  if (open !== null && keepTab(open.panes, path) !== open.panes) changePanes((panes) => keepTab(panes, path))
}

export function moveFileTab(pane: number, path: ProjectPath, to: number): void {
  changePanes((panes) => moveTab(panes, pane, path, to))
}

export function splitEditor(): void {
  changePanes(toggleSplit)
}

export function focusPane(pane: number): void {
  if (current()?.panes.focused !== pane) change(({ panes }) => ({ panes: { ...panes, focused: pane } }))
}

let remembering: ReturnType<typeof setTimeout> | undefined

function changePanes(update: (panes: Panes) => Panes): void {
  change((open) => ({ panes: update(open.panes) }))
  clearTimeout(remembering)
  remembering = setTimeout(() => {
    const open = current()
    if (open !== null) rememberPanes(open)
  }, 800)
}

/** The file that has the focus. */
export function activeFile(): ProjectPath | null {
  const panes = current()?.panes
  return panes?.panes[panes.focused]?.active ?? null
}

/** Shows a file and puts the focus into it, where it was left. */
export function goToFile(path: ProjectPath): void {
  openFile(path, true)
  wish(path, null, true)
}

/** The project in which somebody writes. */
let written: ProjectId | null = null
let comingToRest = 0
/** A cursor that stays for so long has come to where the author wants it. */
const REST_MS = 120

/** The cursor is in a line. Once the author has moved it, what takes a moment to start is started before the first
    letter: who only reads needs none of it. */
export function aboutToWrite(path: ProjectPath, line: number, isByHand: boolean): void {
  const { open } = useProject.getState()
  if (open === null || (open.id !== written && !isByHand)) return
  written = open.id
  const project = open.id
  window.clearTimeout(comingToRest)
  // Without it the first pages come a little later.
  const tell = () => void commands.aboutToWrite({ project, path, line }).catch(() => undefined)
  comingToRest = window.setTimeout(tell, REST_MS)
}

/** Goes to a place in a source. */
export function revealSource(path: ProjectPath, range: Range, focus = true): void {
  openFile(path, false)
  wish(path, range, focus)
}

function wish(path: ProjectPath, range: Range | null, focus: boolean): void {
  wishes += 1
  change(() => ({ reveal: { number: wishes, place: { path, range, focus } } }))
}

/** Goes to the pages that a line of a source went to. */
export async function showOnPage(path: ProjectPath, line: number): Promise<void> {
  const open = current()
  if (open === null) return
  await attempt(async () => {
    const areas = await commands.areasOfLine({ project: open.id, path, line })
    if (areas.length === 0) {
      showToast({ title: 'This line is on no page.', detail: 'Pages show it after the next build.' })
      return
    }
    markPages(areas)
    await tellWindows({ to: 'pages', project: open.id, areas })
  })
}

function markPages(areas: readonly PageArea[]): void {
  wishes += 1
  change(() => ({ mark: { number: wishes, place: areas } }))
}

/** Takes what another window on the project tells. */
export function takeMessage(message: WindowMessage): void {
  const { screen } = useSession.getState()
  if (message.project !== current()?.id) return
  if (message.to === 'pages' && screen.type === 'pages') markPages(message.areas)
  if (message.to === 'source' && screen.type === 'project') revealLine(message.path, message.line)
}

/** Goes to the source of a point of a page, in PDF points from its upper left corner. */
export async function showInSource(page: number, x: number, y: number): Promise<void> {
  const open = current()
  if (open === null) return
  await attempt(async () => {
    const place = await commands.sourceAt({ project: open.id, page, x, y })
    if (place === null) {
      showToast({ title: 'This place of the page has no source in the project.' })
      return
    }
    if (useSession.getState().screen.type === 'project') revealLine(place.path, place.line)
    else await tellWindows({ to: 'source', project: open.id, ...place })
  })
}

function revealLine(path: ProjectPath, line: number): void {
  revealSource(path, { start: { line, column: 1 }, end: { line, column: 1_000_000 } })
}

/** Opens the panel below the editor, or closes it. */
export function showBottom(bottom: Bottom | null): void {
  change(() => ({ bottom }))
}

export function cursorAt(path: ProjectPath, line: number, column: number): void {
  change(() => ({ cursor: { path, line, column } }))
}

/** Builds what is on the screen now. */
export async function buildNow(clean = false): Promise<void> {
  const open = current()
  if (open === null) return
  await attempt(async () => {
    await flushDocuments()
    await commands.build({ project: open.id, clean })
  })
}

export async function cancelBuild(): Promise<void> {
  const open = current()
  if (open !== null) await attempt(() => commands.cancelBuild({ project: open.id }))
}

/** Applies the fix of a problem of the last build. */
export async function applyFix(problem: readonly number[]): Promise<void> {
  const open = current()
  if (open === null) return
  await attempt(async () => {
    await flushDocuments()
    await commands.applyFix({ project: open.id, problem: [...problem] })
    await commands.build({ project: open.id, clean: false })
  }, 'The fix cannot be applied.')
}

/** Changes the project's settings. */
export async function changeProjectSettings(update: Partial<ProjectSettings>): Promise<void> {
  const open = current()
  if (open === null) return
  const settings = { ...open.settings, ...update }
  change(() => ({ settings }))
  await attempt(() => commands.setProjectSettings({ project: open.id, settings }))
}

/** Pages of a project that is just being opened: they may come before its files. */
let early: { project: ProjectId; preview: PreviewInfo } | null = null

/** Takes what the application tells about projects. */
export function takeEvent(event: Event): void {
  const open = current()
  if (event.type === 'previewChanged' && event.project !== open?.id) early = event
  if (event.type === 'notice') {
    const tones = { info: 'neutral', warning: 'warning', error: 'danger' } as const
    if (event.project === null || event.project === open?.id) {
      showToast({ tone: tones[event.notice.level], title: event.notice.text })
    }
    return
  }
  if (open === null || !('project' in event) || event.project !== open.id) return
  switch (event.type) {
    case 'filesChanged':
      filesChanged(open, event.files, event.emptyFolders)
      return
    case 'projectSettingsChanged':
      // Another window may have changed them: to tell ours later must not take that back.
      change(() => ({ settings: event.settings }))
      return
    case 'rootChosen':
      change(() => ({ root: event.root }))
      return
    case 'engineChosen':
      change(() => ({ engine: event.engine }))
      return
    case 'fileMoved':
      documentMoved(event.from, event.to)
      change(({ panes, root, cursor }) => ({
        panes: renameTab(panes, event.from, event.to),
        root: root === event.from ? event.to : root,
        cursor: cursor?.path === event.from ? { ...cursor, path: event.to } : cursor,
      }))
      return
    case 'saving':
      change(() => ({ saving: event.state }))
      return
    case 'build':
      change(() => ({ build: event.state }))
      return
    case 'built':
      // A build that was called off knows nothing of the text.
      change(({ liveProblem }) => ({ report: event.report, liveProblem: event.report.outcome === 'cancelled' ? liveProblem : null }))
      return
    case 'liveProblem':
      change(() => ({ liveProblem: event.problem }))
      return
    case 'previewChanged': {
      // What the build has not seen yet stays.
      const { revision } = event.preview
      change(({ live, liveCount }) => ({
        preview: event.preview,
        live: new Map([...live].filter(([, page]) => page.revision > revision)),
        liveCount: liveCount !== null && liveCount.revision > revision ? liveCount : null,
      }))
      return
    }
    case 'liveState':
      change(() => ({ liveState: event.state }))
      return
    case 'livePages': {
      const { revision } = event
      // A build may have overtaken them.
      if (open.preview !== null && revision <= open.preview.revision) return
      change(({ live }) => {
        const changed = event.pages.map(({ page, ...told }) => [page, { ...told, revision }] as const)
        return { live: new Map([...live, ...changed]) }
      })
      return
    }
    case 'liveCount': {
      const { pages, revision } = event
      if (open.preview !== null && revision <= open.preview.revision) return
      change(({ live }) => ({
        liveCount: { pages, revision },
        live: new Map([...live].filter(([page, told]) => page < pages || told.revision > revision)),
      }))
      return
    }
  }
}

function filesChanged(open: OpenProject, files: readonly FileEntry[], emptyFolders: readonly ProjectPath[]): void {
  const there = new Set(files.map((file) => file.path))
  const gone = open.files.filter((file) => !there.has(file.path))
  let { panes } = open
  for (const { path } of gone) {
    panes = dropFile(panes, path)
    forgetDocument(path)
  }
  change(() => ({ files, emptyFolders, panes }))
}
