// Spelling of the open texts: the application checks, a pause after each edit; what is being typed at the cursor
// is not marked before it is finished.
import { commands, type ProjectPath, type SpellingMark } from '../../ipc/generated'
import { documentOf } from '../../state/documents'
import { changeProjectSettings, useProject } from '../../state/project'
import { useSettings } from '../../state/settings'
import { useTexts } from '../../state/texts'
import type { Fix, Position, Range } from '../../features/editor/services'
import { useEditing } from './editing'

const PAUSE_MS = 300
const SPELT = /\.(tex|ltx|latex|tikz)$/i

const found = new Map<ProjectPath, readonly SpellingMark[]>()
const timers = new Map<ProjectPath, ReturnType<typeof setTimeout>>()
const checking = new Set<ProjectPath>()
/** The word that was left unmarked because it is being typed. */
let held: { path: ProjectPath; end: Position } | null = null

const same = (a: Position, b: Position): boolean => a.line === b.line && a.column === b.column

/** The marks to show, without a word that ends at the cursor. */
export function finishedMarks(marks: readonly SpellingMark[], cursor: Position | null): readonly SpellingMark[] {
  return cursor === null ? marks : marks.filter((mark) => !same(mark.range.end, cursor))
}

function show(path: ProjectPath, typing: boolean): void {
  const document = useEditing.getState().ready.get(path)
  if (document === undefined) return
  const at = useProject.getState().open?.cursor
  const cursor = typing && at?.path === path ? { line: at.line, column: at.column } : null
  const marks = found.get(path) ?? []
  const shown = finishedMarks(marks, cursor)
  held = shown.length < marks.length && cursor !== null ? { path, end: cursor } : null
  document.setSpelling(shown.map(({ range, word }) => ({ range, message: `“${word}” is in no dictionary.` })))
}

async function check(path: ProjectPath): Promise<void> {
  const { project } = useEditing.getState()
  if (project === null || checking.has(path)) return schedule(path)
  if (!useSettings.getState().window.spellCheck) {
    found.set(path, [])
    return show(path, false)
  }
  checking.add(path)
  try {
    await documentOf(project, path).flush()
    const before = useTexts.getState().version
    const marks = await commands.misspellings({ project, path })
    // What was typed in between has another check under way.
    if (useTexts.getState().version !== before && timers.has(path)) return
    found.set(path, marks)
    show(path, true)
  } catch {
    // The file was closed in between.
    found.delete(path)
  } finally {
    checking.delete(path)
  }
}

function schedule(path: ProjectPath): void {
  if (!SPELT.test(path)) return
  clearTimeout(timers.get(path))
  timers.set(
    path,
    setTimeout(() => {
      timers.delete(path)
      void check(path)
    }, PAUSE_MS),
  )
}

function checkAll(): void {
  for (const path of useEditing.getState().ready.keys()) schedule(path)
}

/** Checks what is open until the returned function is called. */
export function watchSpelling(): () => void {
  const ends = [
    useTexts.subscribe(({ path }) => path !== null && schedule(path)),
    useSettings.subscribe((now, before) => now.window.spellCheck !== before.window.spellCheck && checkAll()),
    useProject.subscribe(({ open }, { open: before }) => {
      if (open === null || before === null) return
      if (open.settings.words !== before.settings.words || open.settings.language !== before.settings.language) checkAll()
      // The word is finished when the cursor leaves it.
      if (held !== null && open.cursor !== before.cursor && open.cursor !== null && !timers.has(held.path)) {
        const { path, end } = held
        if (open.cursor.path !== path || !same(open.cursor, end)) show(path, false)
      }
    }),
  ]
  checkAll()
  return () => {
    for (const end of ends) end()
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    found.clear()
  }
}

const before = (a: Position, b: Position): boolean => a.line < b.line || (a.line === b.line && a.column < b.column)

/** What can be done about a misspelt word in a range. */
export async function spellingFixes(path: ProjectPath, range: Range): Promise<Fix[]> {
  const mark = (found.get(path) ?? []).find((one) => !before(range.end, one.range.start) && !before(one.range.end, range.start))
  if (mark === undefined) return []
  const { word, language } = mark
  const suggestions = await commands.suggestSpelling({ word, language })
  const replace = suggestions.map(
    (text, index): Fix => ({ title: `Change to “${text}”`, preferred: index === 0, files: [{ path, edits: [{ range: mark.range, text }] }] }),
  )
  const words = useProject.getState().open?.settings.words ?? []
  const add: Fix = {
    title: `Add “${word}” to the project's words`,
    files: [],
    run: () => void changeProjectSettings({ words: [...new Set([...words, word])].toSorted() }),
  }
  return [...replace, add]
}
