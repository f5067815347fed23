// The chat of a project: the discussion's list `chat`. What was said is not changed any more, only taken back.
import type * as Y from 'yjs'
import { type Author, introduce, keptMentions, readMentions, type Written } from './people'
import { freshId, type Message } from './threads'

const listOf = (doc: Y.Doc): Y.Array<unknown> => doc.getArray('chat')

/** What was said, in the order of the list, which is the same for everybody. */
export function readChat(doc: Y.Doc): Message[] {
  return listOf(doc).toArray().flatMap((value) => {
    if (typeof value !== 'object' || value === null) return []
    const { id, by, name, at, text, mentions } = value as Record<string, unknown>
    if (typeof id !== 'string' || typeof by !== 'string' || typeof text !== 'string') return []
    return [{ id, author: { id: by, name: typeof name === 'string' ? name : '' }, at: typeof at === 'number' ? at : 0, text, mentions: readMentions(mentions), isEdited: false }]
  })
}

/** Says something. */
export function say(doc: Y.Doc, author: Author, at: number, { text, mentions }: Written): void {
  doc.transact(() => {
    introduce(doc, author)
    listOf(doc).push([{ id: freshId(), by: author.id, name: author.name, at, text, mentions: keptMentions(mentions) }])
  })
}

/** Takes back what was said. */
export function takeBack(doc: Y.Doc, message: string): void {
  const at = readChat(doc).length === 0 ? -1 : listOf(doc).toArray().findIndex((value) => typeof value === 'object' && value !== null && (value as { id?: unknown }).id === message)
  if (at !== -1) listOf(doc).delete(at)
}

/** How many messages of others came after the one that was seen last. */
export function unreadOf(chat: readonly Message[], seen: string | null, isMe: (id: string) => boolean): number {
  const from = seen === null ? 0 : chat.findIndex(({ id }) => id === seen) + 1
  return chat.slice(from).filter(({ author }) => !isMe(author.id)).length
}
