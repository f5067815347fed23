// Comments: threads on ranges of texts, in the discussion's map `threads`, by random ids. A thread is a map of its own,
// and so is each message, so that what two authors do at once to one thread comes together.
import * as Y from 'yjs'
import type { Anchor } from './anchors'
import { type Author, introduce, keptMentions, readMentions, type Written } from './people'

/** Something that somebody wrote; `mentions` is null in what is older than they are. */
export type Message = {
  readonly id: string
  readonly author: Author
  readonly at: number
  readonly text: string
  readonly mentions: readonly Author[] | null
  readonly isEdited: boolean
}

/** A comment with its replies. */
export type Thread = {
  readonly id: string
  /** The document of the text. */
  readonly document: string
  readonly anchor: Anchor
  /** The comment first, then what was replied, in the order of time. */
  readonly messages: readonly Message[]
  readonly resolved: { readonly author: Author; readonly at: number } | null
}

const threadsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('threads')

/** An id that nobody else has. */
export function freshId(): string {
  return crypto.randomUUID().replaceAll('-', '')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const time = (value: unknown): number => (typeof value === 'number' ? value : 0)
const authorOf = (map: Y.Map<unknown>): Author => ({ id: text(map.get('by')), name: text(map.get('name')) })

/** What stands at a key of a map that somebody else may have written. */
function mapAt(map: Y.Map<unknown>, key: string): Y.Map<unknown> | null {
  const found = map.get(key)
  return found instanceof Y.Map ? found : null
}

/** Bytes that somebody else may have written. */
export function bytesAt(map: Y.Map<unknown>, key: string): Uint8Array {
  const found = map.get(key)
  return found instanceof Uint8Array ? found : new Uint8Array()
}

/** All threads, the oldest first. One whose messages were all deleted is none any more. */
export function readThreads(doc: Y.Doc): Thread[] {
  const threads = [...threadsOf(doc).keys()].flatMap((id) => {
    const thread = readThread(doc, id)
    return thread === null ? [] : [thread]
  })
  return threads.toSorted((a, b) => (a.messages[0]?.at ?? 0) - (b.messages[0]?.at ?? 0) || a.id.localeCompare(b.id))
}

function readThread(doc: Y.Doc, id: string): Thread | null {
  const map = mapAt(threadsOf(doc), id)
  const messages = map === null ? [] : readMessages(mapAt(map, 'messages'))
  if (map === null || messages.length === 0) return null
  const resolved = mapAt(map, 'resolved')
  return {
    id,
    document: text(map.get('document')),
    anchor: { start: bytesAt(map, 'start'), end: bytesAt(map, 'end'), quote: text(map.get('quote')) },
    messages,
    resolved: resolved === null ? null : { author: authorOf(resolved), at: time(resolved.get('at')) },
  }
}

function readMessages(map: Y.Map<unknown> | null): Message[] {
  const messages = [...(map?.keys() ?? [])].flatMap((id) => {
    const message = map === null ? null : mapAt(map, id)
    if (message === null) return []
    const mentions = readMentions(message.get('mentions'))
    return [{ id, author: authorOf(message), at: time(message.get('at')), text: text(message.get('text')), mentions, isEdited: message.get('edited') === true }]
  })
  return messages.toSorted((a, b) => a.at - b.at || a.id.localeCompare(b.id))
}

function newMessage(author: Author, at: number, { text: said, mentions }: Written): Y.Map<unknown> {
  return new Y.Map<unknown>([['by', author.id], ['name', author.name], ['at', at], ['text', said], ['mentions', keptMentions(mentions)]])
}

/** Begins a thread on a range of a text; its id. */
export function comment(doc: Y.Doc, author: Author, at: number, document: string, anchor: Anchor, message: Written): string {
  const id = freshId()
  doc.transact(() => {
    introduce(doc, author)
    const messages = new Y.Map<unknown>([[freshId(), newMessage(author, at, message)]])
    const thread = new Y.Map<unknown>([['document', document], ['start', anchor.start], ['end', anchor.end], ['quote', anchor.quote], ['messages', messages]])
    threadsOf(doc).set(id, thread)
  })
  return id
}

/** Adds a reply. To write in a resolved thread is to open it again. */
export function reply(doc: Y.Doc, author: Author, at: number, thread: string, message: Written): void {
  const map = mapAt(threadsOf(doc), thread)
  const messages = map === null ? null : mapAt(map, 'messages')
  if (map === null || messages === null) return
  doc.transact(() => {
    introduce(doc, author)
    // Not before what it answers, though the clock of this computer may be slow.
    const last = readMessages(messages).at(-1)
    messages.set(freshId(), newMessage(author, Math.max(at, (last?.at ?? 0) + 1), message))
    map.delete('resolved')
  })
}

/** Replaces what a message says; null deletes it, and the thread with its last message. */
export function editMessage(doc: Y.Doc, thread: string, message: string, changed: Written | null): void {
  const map = mapAt(threadsOf(doc), thread)
  const messages = map === null ? null : mapAt(map, 'messages')
  const found = messages === null ? null : mapAt(messages, message)
  if (messages === null || found === null) return
  doc.transact(() => {
    if (changed === null) {
      messages.delete(message)
      if (messages.size === 0) threadsOf(doc).delete(thread)
    } else if (found.get('text') !== changed.text) {
      found.set('text', changed.text)
      found.set('mentions', keptMentions(changed.mentions))
      found.set('edited', true)
    }
  })
}

/** Deletes a thread with its replies. */
export function deleteThread(doc: Y.Doc, thread: string): void {
  threadsOf(doc).delete(thread)
}

/** Resolves a thread, or opens it again. */
export function setResolved(doc: Y.Doc, author: Author, at: number, thread: string, isResolved: boolean): void {
  const map = mapAt(threadsOf(doc), thread)
  if (map === null) return
  if (isResolved) map.set('resolved', new Y.Map<unknown>([['by', author.id], ['name', author.name], ['at', at]]))
  else map.delete('resolved')
}
