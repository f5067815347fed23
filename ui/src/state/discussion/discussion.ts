// What is said about the project that is open in this window: its document, who writes here, what was looked at.
import type * as Y from 'yjs'
import { create } from 'zustand'
import { DocumentPeer } from '../../ipc/documents'
import type { ProjectId } from '../../ipc/generated'
import { tellError } from '../attempt'
import { openDialog, useDialogs } from '../dialogs'
import { flushToo } from '../documents'
import { changeApplication, useSettings } from '../settings'
import { type Author, mentions, peopleOf } from './people'
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
  /** What is typed in this window is suggested, and changes no text. */
  isSuggesting: boolean
}

export const useDiscussion = create<State>(() => ({ doc: null, version: 0, thread: null, suggestion: null, isSuggesting: false }))

let open: { peer: DocumentPeer } | null = null

/** Begins with a project, until the function returned is called. */
export function openDiscussion(project: ProjectId): () => void {
  const peer = new DocumentPeer({ project, discussion: true }, (error) => tellError(error, 'What is said about the project may not be saved.'))
  const forget = flushToo(peer)
  const mine = { peer }
  open = mine
  peer.ready.then(
    () => {
      if (open !== mine) return
      peer.doc.on('update', () => useDiscussion.setState(({ version }) => ({ version: version + 1 })))
      useDiscussion.setState(({ version }) => ({ doc: peer.doc, version: version + 1 }))
    },
    (error: unknown) => tellError(error, 'What is said about the project cannot be shown.'),
  )
  return () => {
    if (open === mine) {
      open = null
      useDiscussion.setState({ doc: null, thread: null, suggestion: null, isSuggesting: false })
    }
    forget()
    void peer.close()
  }
}

/** Who writes here, if he has said so. */
export function me(): Author | null {
  return useSettings.getState().application.author
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

/** Who writes here has this name from now on. */
export function nameAuthor(name: string): Author {
  const author = { id: me()?.id ?? freshId(), name: name.trim() }
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

/** Changes the discussion as its author, who is asked for his name first if need be. False when he would not say. */
export async function write(change: (doc: Y.Doc, author: Author, now: number) => void): Promise<boolean> {
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

/** Whether a thread concerns somebody: begun by him, answered by him, or speaking to him. */
export function concerns(thread: Thread, person: string, people: readonly Author[]): boolean {
  return thread.messages.some(({ author, text }) => author.id === person || mentions(text, person, people))
}
