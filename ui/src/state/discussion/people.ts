// Who takes part in a discussion, and who is spoken to. `authors` holds the latest name of each id; what somebody
// wrote has the name that he had then, too. In a shared project ids are those of the relay's accounts.
import type * as Y from 'yjs'

/** Who comments. */
export type Author = { readonly id: string; readonly name: string }

/** Tells a name to the others. */
export function introduce(doc: Y.Doc, author: Author): void {
  const authors = doc.getMap<unknown>('authors')
  if (authors.get(author.id) !== author.name) authors.set(author.id, author.name)
}

/** Everybody who has ever written in the discussion, by name. */
export function peopleOf(doc: Y.Doc): Author[] {
  const people = [...doc.getMap<unknown>('authors')].flatMap(([id, name]) => (typeof name === 'string' ? [{ id, name }] : []))
  return people.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
}

/** What somebody writes, and whom he speaks to in it, each once. */
export type Written = { readonly text: string; readonly mentions: readonly Author[] }

/** A message speaks to at most so many. */
const MOST_MENTIONS = 50
const LONGEST_NAME = 200

/** Whom a message speaks to. Of several with one name those who were `chosen` are meant. */
export function mentionsIn(text: string, chosen: readonly Author[], people: readonly Author[]): Author[] {
  const found = piecesOf(text, [...chosen, ...people]).flatMap(({ person }) => (person === null ? [] : [person]))
  return [...new Map(found.map((person) => [person.id, person])).values()].slice(0, MOST_MENTIONS)
}

/** Mentions as they are kept with a message, in the field `mentions`: `[{ id, name }]`, names as they are in its text. */
export function keptMentions(mentions: readonly Author[]): Author[] {
  return mentions.map(({ id, name }) => ({ id, name }))
}

/** Reads mentions that somebody else may have written. Null for a message that is older than they are: names in its
    text tell. */
export function readMentions(kept: unknown): readonly Author[] | null {
  if (!Array.isArray(kept)) return null
  const isName = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME
  return kept.slice(0, MOST_MENTIONS).flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const { id, name } = one as Record<string, unknown>
    return isName(id) && isName(name) ? [{ id, name }] : []
  })
}

/** A piece of a message: text, or somebody who is spoken to. */
export type Piece = { readonly text: string; readonly person: Author | null }

const isWordPart = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/** A message in pieces. `@` and the name of somebody who takes part speaks to him; the longest name that fits. */
export function piecesOf(text: string, people: readonly Author[]): Piece[] {
  const byLength = people.filter(({ name }) => name !== '').toSorted((a, b) => b.name.length - a.name.length)
  const pieces: Piece[] = []
  let plain = 0
  const endPlain = (at: number) => {
    if (at > plain) pieces.push({ text: text.slice(plain, at), person: null })
  }
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    // Not the middle of an address.
    if (isWordPart(text[at - 1])) continue
    const person = byLength.find(({ name }) => text.slice(at + 1, at + 1 + name.length).toLowerCase() === name.toLowerCase() && !isWordPart(text[at + 1 + name.length]))
    if (person === undefined) continue
    endPlain(at)
    plain = at + 1 + person.name.length
    pieces.push({ text: text.slice(at, plain), person })
  }
  endPlain(text.length)
  return pieces
}

/** Whether a message speaks to somebody. `people`: those whom a message may mean that does not say it by itself. */
export function speaksTo({ text, mentions }: { text: string; mentions: readonly Author[] | null }, isPerson: (id: string) => boolean, people: readonly Author[]): boolean {
  if (mentions !== null) return mentions.some(({ id }) => isPerson(id))
  return text.includes('@') && piecesOf(text, people).some(({ person }) => person !== null && isPerson(person.id))
}

/** The name that is being typed behind an `@` before the cursor; null elsewhere. */
export function mentionBefore(text: string, cursor: number): { at: number; typed: string } | null {
  const at = text.lastIndexOf('@', cursor - 1)
  if (at === -1 || isWordPart(text[at - 1])) return null
  const typed = text.slice(at + 1, cursor)
  return typed.length <= 40 && !/[\n@]/.test(typed) && !/^\s/.test(typed) ? { at, typed } : null
}

/** Whom what is being typed may mean. */
export function meantBy(typed: string, people: readonly Author[]): Author[] {
  const wanted = typed.toLowerCase()
  return people.filter(({ name }) => name.toLowerCase().split(/\s+/).some((_word, index, words) => words.slice(index).join(' ').startsWith(wanted)))
}
