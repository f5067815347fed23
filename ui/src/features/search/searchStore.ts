// Find and replace in the whole project. What was looked for stays when the side bar shows something else.
import { create } from 'zustand'
import { showToast } from '../../design/toasts'
import { asCallError } from '../../ipc/call'
import { commands, type FoundLine, type ProjectId, type ProjectPath, type SearchResult, type TextEdit } from '../../ipc/generated'
import { flushDocuments } from '../../state/documents'

export type Search = {
  text: string
  replacement: string
  /** The field for the replacement is shown. */
  replaces: boolean
  isRegex: boolean
  matchCase: boolean
  wholeWord: boolean
  /** Patterns of files. */
  include: string
  result: SearchResult | null
  /** What is wrong with the expression. */
  error: string | null
  /** Files whose matches are folded away. */
  folded: ReadonlySet<ProjectPath>
  /** Grows when the field should take the focus. */
  focusWish: number
}

export const useSearch = create<Search>(() => ({
  text: '',
  replacement: '',
  replaces: false,
  isRegex: false,
  matchCase: false,
  wholeWord: false,
  include: '',
  result: null,
  error: null,
  folded: new Set(),
  focusWish: 0,
}))

let asked = 0

function query() {
  const { text, isRegex, matchCase, wholeWord, include, replaces, replacement } = useSearch.getState()
  return { text, isRegex, matchCase, wholeWord, include, replacement: replaces ? replacement : null }
}

/** Looks in all texts as they are now. */
export async function search(project: ProjectId): Promise<void> {
  asked += 1
  const number = asked
  if (useSearch.getState().text === '') {
    useSearch.setState({ result: null, error: null })
    return
  }
  try {
    await flushDocuments()
    const result = await commands.search({ project, query: query() })
    if (number === asked) useSearch.setState({ result, error: null })
  } catch (error) {
    if (number === asked) useSearch.setState({ error: asCallError(error).message, result: null })
  }
}

/** The edit that replaces a match. */
export function editOf(path: ProjectPath, line: FoundLine): TextEdit {
  return { path, range: line.range, text: line.replacement ?? '' }
}

/** How many matches are shown: very many are only counted. */
export function shownMatches(result: SearchResult): number {
  return result.files.reduce((sum, file) => sum + file.lines.length, 0)
}

/** Replaces the matches of a file, or all of them. `apply` makes edits, so that open files can undo them. */
export async function replaceIn(project: ProjectId, only: ProjectPath | null, apply: (edits: TextEdit[]) => Promise<void>): Promise<void> {
  await search(project)
  const { result, replacement } = useSearch.getState()
  if (result === null) return
  const files = only === null ? result.files : result.files.filter((file) => file.path === only)
  const edits = files.flatMap((file) => file.lines.map((line) => editOf(file.path, line)))
  let places = edits.length
  if (only === null && shownMatches(result) < result.matches) {
    places = (await commands.replaceAll({ project, query: query(), replacement, only: null })).places
  } else {
    await apply(edits)
  }
  showToast({ tone: 'success', title: `Replaced ${places} ${places === 1 ? 'match' : 'matches'} in ${files.length} ${files.length === 1 ? 'file' : 'files'}.` })
  await search(project)
}
