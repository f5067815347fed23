// Suggesting in this window: a copy of each open text in which what is typed becomes suggestions, and what becomes of
// suggestions is done to the texts.
import { create } from 'zustand'
import type * as Y from 'yjs'
import { showToast } from '../../design/toasts'
import type { ProjectPath } from '../../ipc/generated'
import { Branch } from '../../state/discussion/branch'
import { askAuthor, isMe, me, talk, useDiscussion, wantToSuggest, write } from '../../state/discussion/discussion'
import { grouped } from '../../state/discussion/grouped'
import { followUndone as backIn, standings } from '../../state/discussion/layout'
import { accept, close, propose, readSuggestions, reopen, type Suggestion, withdraw } from '../../state/discussion/suggestions'
import { documentOf } from '../../state/documents'
import { sentence } from '../../state/names'
import { useProject } from '../../state/project'
import { openSharing, rightsIn } from '../../state/sharing'
import { languageOf } from '../../features/editor/languageOf'
import { SuggestingText } from '../../features/editor/suggesting'
import type { TextBinding } from '../../features/editor/TextBinding'
import { useEditing } from './editing'

/** An open text in which one suggests. */
type View = {
  readonly document: string
  readonly text: SuggestingText
  /** One's own suggestions that are in it. */
  readonly known: Set<string>
  frame: number
}

export const useSuggesting = create<{ views: ReadonlyMap<ProjectPath, View> }>(() => ({ views: new Map() }))

/** An editor still shows it for a moment. */
const LEAVING_MS = 1000

function ownOf(document: string): readonly Suggestion[] {
  return talk().suggestions.filter((one) => one.document === document && isMe(one.author.id) && one.closed === null)
}

/** Follows the mode and the open texts, until the function returned is called; `shown` is called when what is suggested changes. */
export function watchSuggesting(shown: () => void): () => void {
  const follow = () => {
    const { isSuggesting } = useDiscussion.getState()
    const { views } = useSuggesting.getState()
    const ready = isSuggesting ? useEditing.getState().ready : new Map<never, never>()
    const files = useProject.getState().open?.files ?? []
    const next = new Map([...views].filter(([path, view]) => ready.has(path) && files.some((file) => file.path === path && file.document === view.document)))
    for (const [path, open] of ready) {
      const document = files.find((file) => file.path === path)?.document ?? null
      if (next.has(path) || document === null) continue
      next.set(path, begin(path, document, open.text, shown))
    }
    if (next.size === views.size && [...next].every(([path, view]) => views.get(path) === view)) return
    useSuggesting.setState({ views: next })
    for (const [path, view] of views) if (next.get(path) !== view) end(view)
    shown()
  }
  const ends = [
    useEditing.subscribe(follow),
    useProject.subscribe(({ open }, { open: before }) => open?.files !== before?.files && follow()),
    useDiscussion.subscribe((now, before) => {
      if (now.isSuggesting !== before.isSuggesting) follow()
      if (now.version !== before.version) settle()
    }),
  ]
  return () => {
    for (const stop of ends) stop()
    const { views } = useSuggesting.getState()
    useSuggesting.setState({ views: new Map() })
    for (const view of views.values()) end(view)
  }
}

function begin(path: ProjectPath, document: string, text: Y.Text, shown: () => void): View {
  const own = ownOf(document)
  const branch = new Branch(text, own)
  const view: View = { document, text: new SuggestingText(branch, path, languageOf(path)), known: new Set(own.map(({ id }) => id)), frame: 0 }
  branch.doc.on('update', () => {
    // Once for all that one key does, and before it is drawn.
    if (view.frame !== 0) return
    view.frame = requestAnimationFrame(() => {
      view.frame = 0
      tell(view)
      settle()
      shown()
    })
  })
  return view
}

function end(view: View): void {
  if (view.frame !== 0) {
    cancelAnimationFrame(view.frame)
    tell(view)
  }
  view.frame = -1
  setTimeout(() => view.text.dispose(), LEAVING_MS)
}

/** Puts into the discussion what is suggested now. */
function tell(view: View): void {
  const { doc } = useDiscussion.getState()
  const author = me()
  if (doc === null || author === null || rightsIn(openSharing()) === 'read') return
  const proposed = view.text.branch.proposed()
  const closed = new Set(talk().suggestions.flatMap((one) => (one.closed === null ? [] : [one.id])))
  doc.transact(() => {
    for (const { id, proposal } of proposed) {
      // One that somebody has accepted or rejected in the meantime is gone on with as it is.
      if (closed.has(id)) continue
      view.known.add(id)
      propose(doc, author, Date.now(), view.document, proposal, id)
    }
    for (const id of view.known) {
      if (proposed.some((one) => one.id === id)) continue
      view.known.delete(id)
      withdraw(doc, id)
    }
  })
}

/** Takes what became of one's own suggestions, and those that were opened again. */
function settle(): void {
  for (const view of useSuggesting.getState().views.values()) {
    if (view.frame !== 0) continue
    const own = ownOf(view.document)
    for (const id of view.known) {
      if (own.some((one) => one.id === id)) continue
      view.known.delete(id)
      view.text.branch.settle(id)
    }
    for (const suggestion of own) {
      if (view.known.has(suggestion.id)) continue
      view.known.add(suggestion.id)
      view.text.branch.load(suggestion)
    }
  }
}

/** Begins or ends to suggest. Where one may not write there is no choice, and one is told so. */
export async function toggleSuggesting(): Promise<void> {
  const { isSuggesting, doc } = useDiscussion.getState()
  if (!mayWrite() || doc === null || (!isSuggesting && (await askAuthor()) === null)) return
  wantToSuggest(!isSuggesting)
}

/** Whether one may change the texts; who may not is told why. */
function mayWrite(): boolean {
  const sharing = openSharing()
  if (rightsIn(sharing) === 'write') return true
  showToast({ tone: 'warning', title: sentence(sharing?.readOnly ?? '') })
  return false
}

const ACCEPTED = 'accepted suggestions'
const followed = new WeakSet<Y.UndoManager>()

/** A step of undo that took suggestions into the text opens them again; to do it again closes them. */
function followUndo({ undoManager, text }: TextBinding): void {
  if (followed.has(undoManager)) return
  followed.add(undoManager)
  undoManager.on('stack-item-popped', ({ stackItem, type }) => {
    const ids = stackItem.meta.get(ACCEPTED) as readonly string[] | undefined
    if (ids === undefined) return
    const other = type === 'undo' ? undoManager.redoStack : undoManager.undoStack
    other.at(-1)?.meta.set(ACCEPTED, ids)
    void write((doc, author, at) =>
      doc.transact(() => {
        if (type === 'redo') ids.forEach((id) => close(doc, author, at, id, 'accepted'))
        else ids.forEach((id) => reopen(doc, id))
        if (type === 'undo') followUndone(text, ids)
      }),
    )
  })
}

/** Suggestions about characters that were deleted and are back under other ids are about these. */
export function followUndone(text: Y.Text, ids: readonly string[]): void {
  const { doc } = useDiscussion.getState()
  if (doc === null || rightsIn(openSharing()) === 'read') return
  for (const one of readSuggestions(doc)) {
    if (!ids.includes(one.id)) continue
    const back = backIn(text, one)
    const [now] = standings(text, [back])
    if (now !== null && now?.isLost === false) propose(doc, one.author, one.at, one.document, back, one.id)
  }
}

/** Takes suggestions into their texts, as one step of undo for each text. */
export async function acceptAll(suggestions: readonly Suggestion[]): Promise<void> {
  const { open } = useProject.getState()
  if (open === null || !mayWrite() || (await askAuthor()) === null) return
  const done: string[] = []
  for (const [document, own] of grouped(suggestions, (one) => one.document)) {
    const path = open.files.find((file) => file.document === document)?.path
    if (path === undefined) continue
    const peer = documentOf(open.id, path)
    await peer.ready
    const places = standings(peer.text, own)
    const here = own.filter((_one, index) => places[index] !== null)
    const shown = useEditing.getState().ready.get(path)
    if (shown === undefined) peer.doc.transact(() => here.forEach((one) => accept(peer.doc, one, 'accept')), 'accept')
    else {
      const { binding } = shown
      followUndo(binding)
      binding.holdStep(true)
      const before = binding.undoManager.undoStack.length
      binding.alongside(() => here.forEach((one) => accept(peer.doc, one, binding)))
      binding.endStep()
      const { undoStack } = binding.undoManager
      // Without one nothing changed: what was suggested had been done.
      if (undoStack.length > before) undoStack.at(-1)?.meta.set(ACCEPTED, here.map(({ id }) => id))
    }
    done.push(...here.map(({ id }) => id))
  }
  await write((doc, author, at) => doc.transact(() => done.forEach((id) => close(doc, author, at, id, 'accepted'))))
  if (done.length < suggestions.length) {
    showToast({ tone: 'warning', title: `${suggestions.length - done.length} could not be accepted.`, detail: 'Their text was deleted, or has not come to this computer yet.' })
  }
}

/** Rejects suggestions; they can be opened again. Who may not decide can take back his own. */
export async function rejectAll(suggestions: readonly Suggestion[]): Promise<void> {
  if (rightsIn(openSharing()) !== 'write') {
    const own = suggestions.filter(({ author }) => isMe(author.id))
    if (own.length === 0) mayWrite()
    else await write((doc) => doc.transact(() => own.forEach(({ id }) => withdraw(doc, id))))
    return
  }
  await write((doc, author, at) => doc.transact(() => suggestions.forEach(({ id }) => close(doc, author, at, id, 'rejected'))))
}

/** Opens a suggestion again. */
export async function openAgain(suggestion: Suggestion): Promise<void> {
  await write((doc) => reopen(doc, suggestion.id))
}
