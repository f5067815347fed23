// Joins the open project to the editor: one EditorDocuments for the project, whose texts are the window's
// documents, and marks from the last build.
import { create } from 'zustand'
import { type Problem as BuildProblem, type ProjectId, type ProjectPath } from '../../ipc/generated'
import { documentOf, onDocumentMoved } from '../../state/documents'
import { tellError } from '../../state/attempt'
import { textChanged } from '../../state/texts'
import { takeAction } from '../../state/engines'
import { applyFix, keepFile, revealSource, useProject } from '../../state/project'
import { type EditorDocument, EditorDocuments } from '../../features/editor/documents'
import type { EditorServices, Fix, Problem, Range } from '../../features/editor/services'

/** A problem of the last build with its place in the list, then among those it caused. */
export type PlacedProblem = { problem: BuildProblem; place: readonly number[] }

type State = { project: ProjectId | null; documents: EditorDocuments | null; ready: ReadonlyMap<ProjectPath, EditorDocument> }

export const useEditing = create<State>(() => ({ project: null, documents: null, ready: new Map() }))

/** All problems of a list, those that others caused behind them. */
export function allProblems(problems: readonly BuildProblem[], above: readonly number[] = []): PlacedProblem[] {
  return problems.flatMap((problem, index) => {
    const place = [...above, index]
    return [{ problem, place }, ...allProblems(problem.caused, place)]
  })
}

function before(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column)
}

function touches(range: Range, other: Range): boolean {
  return !before(range.end, other.start) && !before(other.end, range.start)
}

type FixesOf = (path: ProjectPath, range: Range) => Promise<Fix[]>
let moreFixes: FixesOf = async () => []

/** Adds fixes to those of problems. */
export function offerFixes(fixes: FixesOf): void {
  moreFixes = fixes
}

const services: EditorServices = {
  fixes: async (path, range) => {
    const spelling = await moreFixes(path, range)
    const report = useProject.getState().open?.report
    const here = allProblems(report?.problems ?? []).filter(({ problem }) => problem.path === path && problem.range !== null && touches(problem.range, range))
    const fixes = here.filter(({ problem }) => problem.fix?.isAutomatic === true).map(({ problem, place }): Fix => ({
      title: plain(problem.fix?.title ?? ''),
      preferred: true,
      files: [],
      run: () => void applyFix(place),
    }))
    // Several problems of a line may have one cure.
    const actions = new Map(here.flatMap(({ problem: { action } }) => (action === null ? [] : [[action.title, action] as const])))
    const builds = [...actions.values()].map((action): Fix => ({ title: action.title, files: [], run: () => void takeAction(action) }))
    return [...fixes, ...builds, ...spelling]
  },
  textOf: async (path) => {
    const open = useProject.getState().open
    if (open === null) return ''
    const peer = documentOf(open.id, path)
    await peer.ready
    return peer.text.toString()
  },
  open: ({ path, range }) => revealSource(path, { start: { ...range.start }, end: { ...range.end } }),
}

/** Adds to what the editor is offered; for features that know more about texts. */
export function offer(more: EditorServices): void {
  Object.assign(services, more)
}

/** Begins with a project; what was open of another is closed. */
export function beginEditing(project: ProjectId): void {
  const state = useEditing.getState()
  if (state.project === project) return
  state.documents?.dispose()
  useEditing.setState({ project, documents: new EditorDocuments(services), ready: new Map() })
}

export function endEditing(): void {
  useEditing.getState().documents?.dispose()
  useEditing.setState({ project: null, documents: null, ready: new Map() })
}

/** Opens a file in the editor. */
export async function openInEditor(project: ProjectId, path: ProjectPath): Promise<void> {
  const peer = documentOf(project, path)
  try {
    await peer.ready
  } catch (error) {
    tellError(error, `${path} cannot be opened.`)
    return
  }
  const { documents, ready, project: now } = useEditing.getState()
  if (documents === null || now !== project || ready.has(path)) return
  const document = documents.open(path, peer.text)
  peer.doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin !== peer) keepFile(document.path)
    textChanged(document.path)
  })
  useEditing.setState({ ready: new Map(ready).set(path, document) })
  textChanged(path)
  markProblems()
}

/** Follows files that were moved or are gone. */
export function followFiles(paths: ReadonlySet<ProjectPath>): void {
  const { documents, ready } = useEditing.getState()
  if (documents === null || [...ready.keys()].every((path) => paths.has(path))) return
  for (const path of ready.keys()) if (!paths.has(path)) documents.close(path)
  useEditing.setState({ ready: new Map([...ready].filter(([path]) => paths.has(path))) })
}

// The editor's texts follow the files; without a project there are none.
onDocumentMoved(followMove)

/** A file has another path. */
function followMove(from: ProjectPath, to: ProjectPath): void {
  const { documents, ready } = useEditing.getState()
  documents?.renamed(from, to)
  useEditing.setState({ ready: new Map([...ready].map(([path, document]) => [path === from ? to : path, document])) })
}

/** Shows the problems of the last build, and what is wrong since, in the open texts. */
export function markProblems(): void {
  const open = useProject.getState().open
  const now = open?.liveProblem ?? null
  const problems = allProblems([...(now === null ? [] : [now]), ...(open?.report?.problems ?? [])])
  for (const [path, document] of useEditing.getState().ready) {
    const own = problems.filter(({ problem }) => problem.path === path && problem.range !== null)
    document.setProblems(own.map(({ problem }) => marked(problem)))
  }
}

/** Without the backticks around code: Monaco shows these texts as they are. */
function plain(text: string): string {
  return text.replaceAll(/`([^`]+)`/g, '$1')
}

function marked(problem: BuildProblem): Problem {
  const none = { line: 1, column: 1 }
  const severity = problem.severity === 'hint' ? 'info' : problem.severity
  const message = problem.explanation === '' ? problem.message : `${plain(problem.explanation)}\n\n${problem.message}`
  return { range: problem.range ?? { start: none, end: none }, severity, message, code: problem.code }
}
