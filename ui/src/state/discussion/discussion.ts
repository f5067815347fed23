// What is said about the project that is open in this window: its document, who writes here, what was looked at.
import type * as Y from 'yjs'
import { create } from 'zustand'
import { DocumentPeer } from '../../ipc/documents'
import type { ProjectId } from '../../ipc/generated'
import { tellError } from '../attempt'
import { showToast } from '../../design/toasts'
import { openDialog, useDialogs } from '../dialogs'
import { flushToo } from '../documents'
import { sentence } from '../names'
import { useProject } from '../project'
import { changeApplication, useSettings } from '../settings'
import { openSharing, rightsIn, useOpenSharing, useSharing } from '../sharing'
import { type Author, peopleOf, speaksTo } from './people'
import { readSuggestions, type Suggestion } from './suggestions'
import { freshId, readThreads, type Thread } from './threads'

type State = {
  /** The discussion, once it is there. */
  doc: Y.Doc | null
  /** Grows with every change of it. */
  version: number
  /** The thread that is looked at. */
  thread: string | null
  /** The suggestion that is looked at. */
  suggestion: string | null
  /** The author wants to suggest where he may write. */
  wantsToSuggest: boolean
  /** What is typed in this window is suggested, and changes no text. */
  isSuggesting: boolean
}

const NONE = { doc: null, thread: null, suggestion: null, wantsToSuggest: false, isSuggesting: false }

export const useDiscussion = create<State>(() => ({ ...NONE, version: 0 }))

let open: { peer: DocumentPeer } | null = null

/** Begins with a project, until the function returned is called. */
export function openDiscussion(project: ProjectId): () => void {
  const peer = new DocumentPeer({ project, discussion: true }, (error) => tellError(error, 'What is said about the project may not be saved.'))
  const ends = [flushToo(peer), useSharing.subscribe(settleMode), useProject.subscribe(settleMode)]
  const mine = { peer }
  open = mine
  peer.ready.then(
    () => {
      if (open !== mine) return
      peer.doc.on('update', () => useDiscussion.setState(({ version }) => ({ version: version + 1 })))
      useDiscussion.setState(({ version }) => ({ doc: peer.doc, version: version + 1 }))
      settleMode()
    },
    (error: unknown) => tellError(error, 'What is said about the project cannot be shown.'),
  )
  return () => {
    if (open === mine) {
      open = null
      useDiscussion.setState(NONE)
    }
    for (const end of ends) end()
    void peer.close()
  }
}

/** One suggests where one wants to, and where one may not write the texts; what one may do can change at any time. */
function settleMode(): void {
  const { doc, wantsToSuggest, isSuggesting } = useDiscussion.getState()
  const rights = rightsIn(openSharing())
  const next = doc !== null && (rights === 'discuss' || (rights === 'write' && wantsToSuggest))
  if (next !== isSuggesting) useDiscussion.setState({ isSuggesting: next })
}

/** Begins to suggest, or ends it. */
export function wantToSuggest(wantsToSuggest: boolean): void {
  useDiscussion.setState({ wantsToSuggest })
  settleMode()
}

/** The name by which one writes where no relay says who one is. */
export function localAuthor(): Author | null {
  return useSettings.getState().application.author
}

/** Who writes here: in a shared project who one is at its relay, else who one said one is. */
export function me(): Author | null {
  const sharing = openSharing()
  const local = localAuthor()
  if (sharing === null) return local
  const { user, members } = sharing
  return { id: user, name: members.find((member) => member.user === user)?.name ?? local?.name ?? '' }
}

/** Whether it was written here: also before the project was shared. */
export function isMe(author: string): boolean {
  return author === me()?.id || author === localAuthor()?.id
}

/** Who can be spoken to: the other members of a shared project, else those who have written. */
export function useMentionable(): readonly Author[] {
  useDiscussion((state) => state.version)
  const sharing = useOpenSharing()
  if (sharing === null) return talk().people
  return sharing.members.filter(({ user }) => user !== sharing.user).map(({ user, name }) => ({ id: user, name }))
}

let asking: { promise: Promise<Author | null>; answer: (author: Author | null) => void } | null = null

/** Who writes here; asked for the first time. Null when he would not say. */
export async function askAuthor(): Promise<Author | null> {
  const known = me()
  if (known !== null) return known
  if (asking === null) {
    let answer: (author: Author | null) => void = () => undefined
    const promise = new Promise<Author | null>((resolve) => {
      answer = resolve
    })
    asking = { promise, answer }
    openDialog({ type: 'author' })
  }
  return asking.promise
}

/** Who writes here has this name from now on, where no relay says another. */
export function nameAuthor(name: string): Author {
  const author = { id: localAuthor()?.id ?? freshId(), name: name.trim() }
  changeApplication({ author })
  return author
}

/** What was answered: a name, or nothing. */
export function answerAuthor(name: string | null): void {
  const author = name === null || name.trim() === '' ? null : nameAuthor(name)
  if (useDialogs.getState().dialog.type === 'author') openDialog({ type: 'none' })
  asking?.answer(author)
  asking = null
}

/** Whether one may take part in the discussion; who may not is told why. */
export function mayDiscuss(): boolean {
  const sharing = openSharing()
  if (rightsIn(sharing) !== 'read') return true
  showToast({ tone: 'warning', title: sentence(sharing?.readOnly ?? '') })
  return false
}

/** Changes the discussion as its author, who is asked for his name first if need be. False when he would not say, or may not. */
export async function write(change: (doc: Y.Doc, author: Author, now: number) => void): Promise<boolean> {
  if (!mayDiscuss()) return false
  const author = await askAuthor()
  const { doc } = useDiscussion.getState()
  if (author === null || doc === null) return false
  change(doc, author, Date.now())
  return true
}

type Talk = { threads: readonly Thread[]; suggestions: readonly Suggestion[]; people: readonly Author[] }

let read: (Talk & { doc: Y.Doc; version: number }) | null = null

/** The threads, the suggestions and those who take part, read once for each change. */
export function talk(): Talk {
  const { doc, version } = useDiscussion.getState()
  if (doc === null) return { threads: [], suggestions: [], people: [] }
  if (read?.doc !== doc || read.version !== version) read = { doc, version, threads: readThreads(doc), suggestions: readSuggestions(doc), people: peopleOf(doc) }
  return read
}

/** Looks at a thread, or at none. */
export function lookAtThread(thread: string | null): void {
  if (useDiscussion.getState().thread !== thread) useDiscussion.setState({ thread })
}

/** Looks at a suggestion, or at none. */
export function lookAtSuggestion(suggestion: string | null): void {
  if (useDiscussion.getState().suggestion !== suggestion) useDiscussion.setState({ suggestion })
}

/** Whether a thread concerns the one who writes here: begun by him, answered by him, or speaking to him. */
export function concernsMe(thread: Thread, people: readonly Author[]): boolean {
  return thread.messages.some((message) => isMe(message.author.id) || speaksTo(message, isMe, people))
}
