// Joins the discussion to the texts: comments are marked where they stand, and one jumps from one to the other.
import { anchorOf, placeOf } from '../../state/discussion/anchors'
import { askAuthor, lookAtSuggestion, lookAtThread, mayDiscuss, me, openDiscussion, talk, useDiscussion } from '../../state/discussion/discussion'
import { type Standing, standings } from '../../state/discussion/layout'
import type { Author } from '../../state/discussion/people'
import type { Suggestion } from '../../state/discussion/suggestions'
import type { Thread } from '../../state/discussion/threads'
import { documentOf } from '../../state/documents'
import { activeFile, revealSource, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import type { ProjectId, ProjectPath } from '../../ipc/generated'
import { peerClass } from '../../design/peerColor'
import { showToast } from '../../design/toasts'
import { openSharing, rightsIn } from '../../state/sharing'
import type { EditorDocument } from '../../features/editor/documents'
import type { Position } from '../../features/editor/services'
import type { TextMark } from '../../features/editor/textMarks'
import { type ReviewPlace, type ReviewTab, showTab, useReview } from '../../features/discussion/review'
import { focusedEditor } from './commands'
import { useEditing } from './editing'
import { showSidebar, useSidebar } from './sidebarView'
import { acceptAll, followUndone, rejectAll, useSuggesting, watchSuggesting } from './suggesting'

const COMMENTS = 'comments'
const SUGGESTIONS = 'suggestions'
const PAUSE_MS = 120

/** The file of a document; null when it is in the trash, or gone. */
export function pathOfDocument(document: string): ProjectPath | null {
  return useProject.getState().open?.files.find((file) => file.document === document)?.path ?? null
}

function documentOfPath(path: ProjectPath): string | null {
  return useProject.getState().open?.files.find((file) => file.path === path)?.document ?? null
}

/** Follows the discussion and the texts with marks, until the function returned is called. */
export function watchReview(project: ProjectId): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = () => {
    clearTimeout(timer)
    timer = setTimeout(mark, PAUSE_MS)
  }
  const ends = [
    openDiscussion(project),
    // What is looked at is shown at once; what was written elsewhere has time.
    useDiscussion.subscribe((now, before) => (now.thread !== before.thread || now.suggestion !== before.suggestion ? mark() : now.version !== before.version && later())),
    useEditing.subscribe(later),
    useTexts.subscribe(later),
    useProject.subscribe(({ open }, { open: before }) => open?.files !== before?.files && later()),
    watchSuggesting(mark),
  ]
  later()
  return () => {
    clearTimeout(timer)
    for (const end of ends) end()
    useReview.setState({ draft: null, places: new Map() })
  }
}

function mark(): void {
  const { thread: lookedAt } = useDiscussion.getState()
  const { draft } = useReview.getState()
  const places = new Map<string, ReviewPlace>()
  for (const [path, document] of useEditing.getState().ready) {
    const id = documentOfPath(path)
    const marks: TextMark[] = []
    const own = id === null ? [] : talk().threads.filter((thread) => thread.document === id)
    for (const thread of own) {
      const place = placeOf(document.text, thread.anchor)
      if (place === null) continue
      places.set(thread.id, { ...place, line: document.binding.positionAt(place.from).lineNumber })
      if (thread.resolved === null && !place.isGone) marks.push({ id: thread.id, from: place.from, to: place.to, className: classOf(thread.id === lookedAt) })
    }
    const written = draft?.document === id ? placeOf(document.text, draft.anchor) : null
    if (written !== null && !written.isGone) marks.push({ id: '', from: written.from, to: written.to, className: classOf(true) })
    document.marks.set(COMMENTS, marks)
    if (id !== null) markSuggestions(path, document, id, marks, places)
  }
  useReview.setState({ places })
}

/** Shows what is suggested in a text, and in the copy of it in which one suggests, which has the marks of comments too. */
function markSuggestions(path: ProjectPath, document: EditorDocument, id: string, comments: readonly TextMark[], places: Map<string, ReviewPlace>): void {
  const { suggestion: lookedAt } = useDiscussion.getState()
  const open = talk().suggestions.filter((one) => one.document === id && one.closed === null)
  const found = standings(document.text, open)
  const lost = open.filter((_one, index) => found[index]?.isLost === true || found[index]?.isPartlyGone === true)
  if (lost.length > 0) followUndone(document.text, lost.map((one) => one.id))
  for (const [index, one] of open.entries()) {
    const standing = found[index]
    if (standing === null || standing === undefined) continue
    const [from, to] = [standing.struck[0]?.[0] ?? standing.at, standing.struck.at(-1)?.[1] ?? standing.at]
    places.set(one.id, { from, to, isGone: standing.isLost, isPartlyGone: standing.isPartlyGone, line: document.binding.positionAt(from).lineNumber })
  }
  document.marks.set(SUGGESTIONS, open.flatMap((one, index) => marksOf(one, found[index] ?? null, lookedAt)))
  const view = useSuggesting.getState().views.get(path)
  if (view === undefined) return
  const { branch, marks } = view.text
  marks.set(COMMENTS, comments.map((mark) => ({ ...mark, from: branch.fromText(mark.from), to: branch.fromText(mark.to) })))
  const own = branch.proposed()
  const others = open.filter((one) => !view.known.has(one.id))
  const theirs = standings(branch.text, others)
  const author = me()
  marks.set(SUGGESTIONS, [
    ...others.flatMap((one, index) => marksOf(one, theirs[index] ?? null, lookedAt)),
    ...own.flatMap((one) => [
      ...one.inserted.map(([from, to]) => ({ id: one.id, from, to, className: suggestionClass('quire-inserted', author, one.id === lookedAt) })),
      ...one.struck.map(([from, to]) => ({ id: one.id, from, to, className: suggestionClass('quire-struck', author, one.id === lookedAt) })),
    ]),
  ])
}

/** As much of an insertion is shown in the text. */
const SHOWN_LETTERS = 240

function marksOf(suggestion: Suggestion, standing: Standing | null, lookedAt: string | null): TextMark[] {
  if (standing === null) return []
  const { id, author, insert } = suggestion
  const isLookedAt = id === lookedAt
  const struck = standing.struck.map(([from, to]): TextMark => ({ id, from, to, className: suggestionClass('quire-struck', author, isLookedAt) }))
  if (insert === '') return struck
  const line = insert.replaceAll(/\r\n?|\n/g, '⏎')
  const shownText = line.length > SHOWN_LETTERS ? `${line.slice(0, SHOWN_LETTERS)}…` : line
  return [...struck, { id, from: standing.at, to: standing.at, className: suggestionClass('quire-inserted', author, isLookedAt), shownText }]
}

function suggestionClass(name: string, author: Author | null, isLookedAt: boolean): string {
  return `${name} ${peerClass(author?.id ?? '')}${isLookedAt ? ' quire-suggestion-active' : ''}`
}

function classOf(isLookedAt: boolean): string {
  return isLookedAt ? 'quire-comment quire-comment-active' : 'quire-comment'
}

/** Shows a part of the panel. */
export function showReview(tab: ReviewTab): void {
  showTab(tab)
  showSidebar('review')
}

let drafts = 0

/** Begins a comment on what is selected. */
export async function commentOnSelection(): Promise<void> {
  const path = activeFile()
  const document = path === null ? undefined : useEditing.getState().ready.get(path)
  const selection = focusedEditor()?.selection() ?? null
  const id = path === null ? null : documentOfPath(path)
  if (document === undefined || selection === null || id === null || !mayDiscuss()) return
  const [from, to] = [offsetOf(document, selection.start), offsetOf(document, selection.end)]
  if (from === to) {
    showToast({ title: 'Select the text that the comment is about.' })
    return
  }
  // The characters are fixed before the name is asked for: others go on writing.
  const anchor = anchorOf(document.text, from, to)
  if ((await askAuthor()) === null) return
  drafts += 1
  useReview.setState({ draft: { number: drafts, document: id, anchor } })
  lookAtThread(null)
  showReview('comments')
  mark()
}

function offsetOf(document: EditorDocument, { line, column }: Position): number {
  return document.binding.textOffsetAt({ lineNumber: line, column })
}

/** Goes to the text of a thread, or to where it was. */
export async function goToThread(thread: Thread): Promise<void> {
  const path = pathOfDocument(thread.document)
  const project = useProject.getState().open?.id
  if (path === null || project === undefined) {
    showToast({ title: 'The file of this comment was deleted.', detail: 'It can be brought back from the deleted files of the project.' })
    return
  }
  lookAtThread(thread.id)
  const peer = documentOf(project, path)
  await peer.ready
  const place = placeOf(peer.text, thread.anchor)
  if (place === null) return
  const whole = peer.text.toString()
  revealSource(path, { start: positionIn(whole, place.from), end: positionIn(whole, place.to) }, false)
}

function positionIn(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n?|\n/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Goes to the next open comment of the file behind the cursor, or before it. */
export function goToComment(step: 1 | -1): void {
  const path = activeFile()
  const document = path === null ? undefined : useEditing.getState().ready.get(path)
  const cursor = focusedEditor()?.selection() ?? null
  if (document === undefined || cursor === null) return
  const id = path === null ? null : documentOfPath(path)
  const at = offsetOf(document, cursor.start)
  const found = talk()
    .threads.filter((thread) => thread.document === id && thread.resolved === null)
    .flatMap((thread) => {
      const place = placeOf(document.text, thread.anchor)
      return place === null || place.isGone ? [] : [{ thread, from: place.from }]
    })
    .toSorted((a, b) => step * (a.from - b.from))
  const next = found.find(({ from }) => step * (from - at) > 0) ?? found[0]
  if (next === undefined) showToast({ title: 'There are no open comments in this file.' })
  else {
    showReview('comments')
    void goToThread(next.thread)
  }
}

/** Goes to a suggestion in its text. */
export async function goToSuggestion(suggestion: Suggestion): Promise<void> {
  const path = pathOfDocument(suggestion.document)
  const project = useProject.getState().open?.id
  if (path === null || project === undefined) {
    showToast({ title: 'The file of this suggestion was deleted.' })
    return
  }
  lookAtSuggestion(suggestion.id)
  const peer = documentOf(project, path)
  await peer.ready
  const [standing] = standings(peer.text, [suggestion])
  if (standing === null || standing === undefined) return
  const at = positionIn(peer.text.toString(), standing.struck[0]?.[0] ?? standing.at)
  revealSource(path, { start: at, end: at }, false)
}

/** Goes to the next open suggestion of the file behind the cursor, or before it. */
export function goToNextSuggestion(step: 1 | -1): void {
  const { places } = useReview.getState()
  const lookedAt = useDiscussion.getState().suggestion
  const found = suggestionsHere().toSorted((a, b) => step * ((places.get(a.id)?.from ?? 0) - (places.get(b.id)?.from ?? 0)))
  const index = found.findIndex(({ id }) => id === lookedAt)
  const next = found[index === -1 ? nextFromCursor(found, step) : (index + 1) % found.length]
  if (next === undefined) showToast({ title: 'There are no open suggestions in this file.' })
  else {
    showReview('suggestions')
    void goToSuggestion(next)
  }
}

function nextFromCursor(found: readonly Suggestion[], step: 1 | -1): number {
  const { places } = useReview.getState()
  const path = activeFile()
  const document = path === null ? undefined : useEditing.getState().ready.get(path)
  const cursor = focusedEditor()?.selection() ?? null
  const at = document === undefined || cursor === null ? 0 : offsetOf(document, cursor.start)
  const index = found.findIndex(({ id }) => step * ((places.get(id)?.from ?? 0) - at) >= 0)
  return Math.max(0, index)
}

/** The open suggestions of the file that is edited. */
export function suggestionsHere(): readonly Suggestion[] {
  const path = activeFile()
  const id = path === null ? null : documentOfPath(path)
  return talk().suggestions.filter((one) => one.document === id && one.closed === null)
}

/** Accepts or rejects the suggestion that is looked at, and goes on to the next. */
export async function decide(isAccepted: boolean): Promise<void> {
  const lookedAt = useDiscussion.getState().suggestion
  const found = talk().suggestions.find(({ id, closed }) => id === lookedAt && closed === null)
  if (found === undefined) {
    goToNextSuggestion(1)
    return
  }
  const { places } = useReview.getState()
  const after = suggestionsHere()
    .filter(({ id }) => id !== found.id)
    .toSorted((a, b) => (places.get(a.id)?.from ?? 0) - (places.get(b.id)?.from ?? 0))
  const next = after.find(({ id }) => (places.get(id)?.from ?? 0) >= (places.get(found.id)?.from ?? 0)) ?? after[0]
  await (isAccepted ? acceptAll([found]) : rejectAll([found]))
  if (next === undefined) lookAtSuggestion(null)
  else await goToSuggestion(next)
}

/** A place in a text was pressed: the comment or suggestion there is shown. */
export function pressed(path: ProjectPath, at: Position): void {
  const document = useEditing.getState().ready.get(path)
  const [suggestion] = document?.marks.at(SUGGESTIONS, { lineNumber: at.line, column: at.column }) ?? []
  lookAtSuggestion(suggestion?.id ?? null)
  if (suggestion !== undefined && useSidebar.getState().view === 'review') showTab('suggestions')
  const [found] = document?.marks.at(COMMENTS, { lineNumber: at.line, column: at.column }) ?? []
  if (found === undefined || found.id === '') {
    lookAtThread(null)
    return
  }
  lookAtThread(found.id)
  if (useSidebar.getState().view !== 'review') showReview('comments')
  else showTab('comments')
}

/** The button at a selection, for who may comment. */
export function commentButton(): HTMLElement | null {
  if (rightsIn(openSharing()) === 'read') return null
  const button = window.document.createElement('button')
  button.type = 'button'
  button.className = 'quire-offer'
  button.textContent = 'Comment'
  button.title = 'Comment on the selection (Ctrl+Alt+M)'
  button.addEventListener('mousedown', (event) => {
    // The selection stays.
    event.preventDefault()
    event.stopPropagation()
  })
  button.addEventListener('click', () => void commentOnSelection())
  return button
}
