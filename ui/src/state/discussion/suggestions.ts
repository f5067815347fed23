// Suggestions: changes of a text that are proposed in the discussion and not made. What is compiled, searched and
// exported is the text without them; a commenter, who may write only the discussion, can suggest; nothing is lost when
// the text goes on meanwhile.
//
// A suggestion names characters by the ids that Yjs gave them: those that would go, and the two between which letters
// would come. From that follows one update of the text, the same for whoever accepts it (`acceptanceOf`): two who
// accept at once, or one who does it twice, insert once.
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import { grouped } from './grouped'
import { type Author, introduce } from './people'
import { freshId } from './threads'

/** A character of a text, whoever wrote it, also when it was deleted. */
export type CharacterId = readonly [client: number, clock: number]
/** Characters that were written one after the other. */
export type CharacterRange = readonly [client: number, clock: number, length: number]

/** What would become of a text. */
export type Proposal = {
  /** What would be inserted, in place of or behind `removed`. */
  readonly insert: string
  /** Between these characters; null at the ends of the text. */
  readonly left: CharacterId | null
  readonly right: CharacterId | null
  /** What would be deleted, … */
  readonly removed: readonly CharacterRange[]
  /** … and its letters. */
  readonly quote: string
}

/** A proposal with its fate. */
export type Suggestion = Proposal & {
  readonly id: string
  readonly document: string
  readonly author: Author
  readonly at: number
  /** Counts how often it was opened again: letters that were inserted and taken back do not come a second time. */
  readonly round: number
  readonly closed: { readonly as: 'accepted' | 'rejected'; readonly author: Author; readonly at: number } | null
}

const suggestionsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('suggestions')

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isId = (value: unknown): value is CharacterId => Array.isArray(value) && value.length === 2 && value.every(isNumber)
const isRange = (value: unknown): value is CharacterRange => Array.isArray(value) && value.length === 3 && value.every(isNumber)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function mapOf(doc: Y.Doc, id: string): Y.Map<unknown> | null {
  const found = suggestionsOf(doc).get(id)
  return found instanceof Y.Map ? found : null
}

/** All suggestions, the oldest first. */
export function readSuggestions(doc: Y.Doc): Suggestion[] {
  const found = [...suggestionsOf(doc).keys()].flatMap((id) => {
    const map = mapOf(doc, id)
    if (map === null) return []
    const [insert, left, right, removed, closed, round] = ['insert', 'left', 'right', 'removed', 'closed', 'round'].map((key) => map.get(key))
    const verdict = closed instanceof Y.Map ? closed.get('as') : null
    return [
      {
        id,
        document: text(map.get('document')),
        author: { id: text(map.get('by')), name: text(map.get('name')) },
        at: isNumber(map.get('at')) ? (map.get('at') as number) : 0,
        insert: insert instanceof Y.Text ? insert.toString() : '',
        left: isId(left) ? left : null,
        right: isId(right) ? right : null,
        removed: Array.isArray(removed) ? removed.filter(isRange) : [],
        quote: text(map.get('quote')),
        round: isNumber(round) ? round : 0,
        closed:
          closed instanceof Y.Map && (verdict === 'accepted' || verdict === 'rejected')
            ? { as: verdict, author: { id: text(closed.get('by')), name: text(closed.get('name')) }, at: isNumber(closed.get('at')) ? (closed.get('at') as number) : 0 }
            : null,
      } satisfies Suggestion,
    ]
  })
  return found.toSorted((a, b) => a.at - b.at || a.id.localeCompare(b.id))
}

/** Suggests something, or says anew what is suggested under an id. */
export function propose(doc: Y.Doc, author: Author, at: number, document: string, proposal: Proposal, id: string = freshId()): string {
  doc.transact(() => {
    const known = mapOf(doc, id)
    if (known === null) introduce(doc, author)
    const map = known ?? suggestionsOf(doc).set(id, new Y.Map<unknown>([['document', document], ['by', author.id], ['name', author.name], ['at', at], ['insert', new Y.Text()]]))
    const insert = map.get('insert')
    if (insert instanceof Y.Text) rewrite(insert, proposal.insert)
    const { left, right, removed, quote } = proposal
    for (const [key, value] of Object.entries({ left, right, removed, quote })) {
      if (JSON.stringify(map.get(key)) !== JSON.stringify(value)) map.set(key, value)
    }
  })
  return id
}

/** Makes a text another with the least change: it is written letter by letter. */
function rewrite(target: Y.Text, wanted: string): void {
  const has = target.toString()
  const shorter = Math.min(has.length, wanted.length)
  let start = 0
  while (start < shorter && has[start] === wanted[start]) start += 1
  let tail = 0
  while (tail < shorter - start && has[has.length - 1 - tail] === wanted[wanted.length - 1 - tail]) tail += 1
  if (has.length > start + tail) target.delete(start, has.length - start - tail)
  if (wanted.length > start + tail) target.insert(start, wanted.slice(start, wanted.length - tail))
}

/** Takes back a suggestion of one's own. */
export function withdraw(doc: Y.Doc, id: string): void {
  if (suggestionsOf(doc).has(id)) suggestionsOf(doc).delete(id)
}

/** Says what became of a suggestion. */
export function close(doc: Y.Doc, author: Author, at: number, id: string, as: 'accepted' | 'rejected'): void {
  const map = mapOf(doc, id)
  if (map === null) return
  doc.transact(() => {
    introduce(doc, author)
    map.set('closed', new Y.Map<unknown>([['as', as], ['by', author.id], ['name', author.name], ['at', at]]))
  })
}

/** Opens a suggestion again that was rejected, or accepted and undone. */
export function reopen(doc: Y.Doc, id: string): void {
  const map = mapOf(doc, id)
  if (map === null) return
  const round = map.get('round')
  doc.transact(() => {
    map.delete('closed')
    map.set('round', (isNumber(round) ? round : 0) + 1)
  })
}

/** Makes the change that was suggested; the origin is Yjs'. */
export function accept(target: Y.Doc, suggestion: Suggestion, origin: unknown): void {
  Y.applyUpdate(target, acceptanceOf(suggestion), origin)
}

/** The update of the text that a suggestion stands for (Yjs update format, version 1). The letters come as if somebody
    had written them whose number follows from the suggestion and what it says: the same letters in the same
    place always have the same ids, and others never. */
export function acceptanceOf({ id, round, insert, left, right, removed }: Suggestion): Uint8Array {
  const encoder = encoding.createEncoder()
  const number = (value: number) => encoding.writeVarUint(encoder, value)
  number(insert === '' ? 0 : 1)
  if (insert !== '') {
    const CONTENT_STRING = 4
    for (const value of [1, numberOf(JSON.stringify([id, round, left, right, insert])), 0]) number(value)
    encoding.writeUint8(encoder, CONTENT_STRING | (left === null ? 0 : 0x80) | (right === null ? 0 : 0x40))
    for (const value of [...(left ?? []), ...(right ?? [])]) number(value)
    if (left === null && right === null) {
      number(1)
      encoding.writeVarString(encoder, 'text')
    }
    encoding.writeVarString(encoder, insert)
  }
  const clients = grouped(removed, ([client]) => client)
  number(clients.size)
  for (const [client, ranges] of clients) {
    number(client)
    number(ranges.length)
    for (const [, clock, length] of ranges) {
      number(clock)
      number(length)
    }
  }
  return encoding.toUint8Array(encoder)
}

/** A number of 53 bits for a text: twice 32 bits, mixed as in MurmurHash3. */
function numberOf(name: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}
