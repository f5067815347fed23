// What the application knows of texts, for the editor. The window's text may be some keystrokes ahead: what was
// typed is handed over before anything is asked.
import {
  type Completion as FoundCompletion,
  commands,
  type OutlineEntry,
  type OutlineKind,
  type ProjectId,
  type TextEdit as FoundEdit,
} from '../../ipc/generated'
import { documentOf, flushDocuments } from '../../state/documents'
import type { Completion, DocumentSymbol, EditorServices, FileEdits, Position } from '../../features/editor/services'
import { offer, useEditing } from './editing'

/** Commands behind whose opening brace there is something to choose from. */
const CONTINUES = /^\\+(?:\w*ref\w*|\w*cite\w*|input|include|includegraphics|begin|usepackage|documentclass|bibliography|addbibresource|bibliographystyle|subfile)\b/i

/** Edits file by file. */
export function byFile(edits: readonly FoundEdit[]): FileEdits[] {
  const files = new Map<string, { range: FoundEdit['range']; text: string }[]>()
  for (const { path, range, text } of edits) {
    const known = files.get(path)
    if (known === undefined) files.set(path, [{ range, text }])
    else known.push({ range, text })
  }
  return [...files].map(([path, own]) => ({ path, edits: own }))
}

const KINDS: Readonly<Record<FoundCompletion['kind'], Completion['kind']>> = {
  command: 'command',
  ownCommand: 'ownCommand',
  environment: 'environment',
  label: 'label',
  citation: 'citation',
  file: 'file',
  package: 'package',
  key: 'key',
}

/** A completion as the editor shows it; the application has put them in order. */
export function shownCompletion(found: FoundCompletion, index: number): Completion {
  const continues = found.isSnippet && CONTINUES.test(found.insertText)
  return {
    label: found.label,
    kind: KINDS[found.kind],
    detail: found.detail === '' ? undefined : found.detail,
    // The list takes the place of the words in the first gap.
    insertText: continues ? found.insertText.replace(/\$\{1:[^}]*\}/, '$1') : found.insertText,
    isSnippet: found.isSnippet,
    range: found.range,
    filterText: found.filterText,
    sortText: String(index).padStart(4, '0'),
    edits: found.edits.length === 0 ? undefined : byFile(found.edits),
    continues: continues ? true : undefined,
  }
}

const SECTIONS: ReadonlySet<OutlineKind> = new Set(['part', 'chapter', 'section', 'subsection', 'subsubsection', 'paragraph', 'frame'])

/** An outline as the editor shows it. */
export function shownSymbols(entries: readonly OutlineEntry[]): DocumentSymbol[] {
  return entries.map((entry) => ({
    name: entry.title || entry.label || entry.kind,
    kind: SECTIONS.has(entry.kind) ? 'section' : entry.label === null || entry.title !== '' ? 'environment' : 'label',
    range: entry.range,
    selection: entry.heading,
    children: shownSymbols(entry.children),
  }))
}

async function projectWith(path: string): Promise<ProjectId> {
  const { project } = useEditing.getState()
  if (project === null) throw new Error('no project is open')
  await documentOf(project, path).flush()
  return project
}

async function about(path: string, position: Position) {
  return { project: await projectWith(path), path, position: { ...position } }
}

const services: EditorServices = {
  complete: async (path, position) => {
    const { items, isIncomplete } = await commands.complete(await about(path, position))
    return { items: items.map(shownCompletion), incomplete: isIncomplete }
  },
  hover: async (path, position) => await commands.hover(await about(path, position)),
  definition: async (path, position) => await commands.definition(await about(path, position)),
  references: async (path, position) => await commands.references(await about(path, position)),
  renameable: async (path, position) => {
    const found = await commands.renamable(await about(path, position))
    return found === null ? null : { range: found.range, text: found.name }
  },
  rename: async (path, position, name) => {
    await flushDocuments()
    return byFile(await commands.rename({ ...(await about(path, position)), name }))
  },
  symbols: async (path) => shownSymbols(await commands.fileOutline({ project: await projectWith(path), path })),
  folds: async (path) => {
    const folds = await commands.folds({ project: await projectWith(path), path })
    return folds.map(({ start, end, isComment }) => ({ start, end, kind: isComment ? 'comment' : undefined }))
  },
  applyEdits: async (files) => {
    const { project } = useEditing.getState()
    if (project === null) return
    const edits = files.flatMap(({ path, edits: own }) => own.map(({ range, text }) => ({ path, range: { start: { ...range.start }, end: { ...range.end } }, text })))
    await commands.applyEdits({ project, edits })
  },
}

/** Offers the editor all this. */
export function offerIntelligence(): void {
  offer(services)
}
