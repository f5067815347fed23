// Joins the discussion to the texts: comments are marked where they stand, and one jumps from one to the other.
import { anchorOf, type Place, placeOf } from '../../state/discussion/anchors'
import { askAuthor, lookAtThread, openDiscussion, talk, useDiscussion } from '../../state/discussion/discussion'
import type { Thread } from '../../state/discussion/threads'
import { documentOf } from '../../state/documents'
import { activeFile, revealSource, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import type { ProjectId, ProjectPath } from '../../ipc/generated'
import { showToast } from '../../design/toasts'
import type { EditorDocument } from '../../features/editor/documents'
import type { Position } from '../../features/editor/services'
import type { TextMark } from '../../features/editor/textMarks'
import { type ReviewTab, showTab, useReview } from '../../features/discussion/review'
import { focusedEditor } from './commands'
import { useEditing } from './editing'
import { showSidebar, useSidebar } from './sidebarView'

const COMMENTS = 'comments'
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
    useDiscussion.subscribe((now, before) => (now.thread !== before.thread ? mark() : now.version !== before.version && later())),
    useEditing.subscribe(later),
    useTexts.subscribe(later),
    useProject.subscribe(({ open }, { open: before }) => open?.files !== before?.files && later()),
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
  const places = new Map<string, Place & { line: number }>()
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
  }
  useReview.setState({ places })
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
  if (document === undefined || selection === null || id === null) return
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
  const before = (offset: number): Position => {
    const lines = peer.text.toString().slice(0, offset).split(/\r\n?|\n/)
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  }
  revealSource(path, { start: before(place.from), end: before(place.to) }, false)
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

/** A place in a text was pressed: the comment there is shown, if comments are. */
export function pressed(path: ProjectPath, at: Position): void {
  const document = useEditing.getState().ready.get(path)
  const [found] = document?.marks.at(COMMENTS, { lineNumber: at.line, column: at.column }) ?? []
  if (found === undefined || found.id === '') {
    lookAtThread(null)
    return
  }
  lookAtThread(found.id)
  if (useSidebar.getState().view !== 'review') showReview('comments')
  else showTab('comments')
}

/** The button at a selection. */
export function commentButton(): HTMLElement {
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
