// The text as somebody sees it who suggests: a copy that follows the text, with his own insertions in it and what he
// would delete struck out. His edits stay in the copy; what they propose is read off it.
import * as Y from 'yjs'
import { joined, joinedIds, stretchesOf, standings } from './layout'
import { grouped } from './grouped'
import type { CharacterId, CharacterRange, Proposal, Suggestion } from './suggestions'
import { freshId } from './threads'

/** Edits that come from the text, or from what became of suggestions: not to be undone here. */
const FOLLOWING = 'following'

/** A stretch of the copy that is seen. */
type Seen = {
  from: number
  to: number
  /** The characters, when they are of the text; null for letters that are suggested. */
  ids: CharacterRange | null
  isStruck: boolean
  /** The suggestion that it belongs to. */
  owner: string | null
  text: string
}

/** What is suggested in the copy. */
export type Proposed = { readonly id: string; readonly proposal: Proposal; readonly inserted: readonly (readonly [number, number])[]; readonly struck: readonly (readonly [number, number])[] }

const keyOf = (client: number, clock: number): string => `${client}:${clock}`

export class Branch {
  readonly doc = new Y.Doc()
  readonly text = this.doc.getText('text')
  /** What is struck out: the length of each range by its first character. */
  readonly strikes = this.doc.getMap<number>('strikes')
  /** Which suggestion the letters belong to that were written here, by their clocks. */
  readonly #owners: { from: number; to: number; id: string }[] = []
  readonly #strikeOwners = new Map<string, string>()
  readonly #main: Y.Doc

  constructor(main: Y.Text, own: readonly Suggestion[]) {
    if (main.doc === null) throw new Error('a text belongs to a document')
    this.#main = main.doc
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(main.doc), FOLLOWING)
    main.doc.on('update', this.#follow)
    this.doc.on('beforeObserverCalls', () => (this.#cached = null))
    for (const suggestion of own) this.load(suggestion)
  }

  /** Stops following the text. */
  dispose(): void {
    this.#main.off('update', this.#follow)
  }

  readonly #follow = (update: Uint8Array): void => Y.applyUpdate(this.doc, update, FOLLOWING)

  /** Goes on with a suggestion. */
  load(suggestion: Suggestion): void {
    const { insert, removed, id } = suggestion
    const [standing] = standings(this.text, [suggestion])
    if (standing === null || standing === undefined) return
    const from = Y.getState(this.doc.store, this.doc.clientID)
    this.doc.transact(() => {
      if (insert !== '') this.text.insert(standing.at, insert)
      this.#own(from, from + insert.length, id)
      for (const [client, clock, length] of removed) {
        this.strikes.set(keyOf(client, clock), length)
        this.#strikeOwners.set(keyOf(client, clock), id)
      }
    }, FOLLOWING)
  }

  #own(from: number, to: number, id: string): void {
    const last = this.#owners.at(-1)
    if (last?.id === id && last.to === from) last.to = to
    else this.#owners.push({ from, to, id })
  }

  #ownerAt(clock: number): string | null {
    return this.#owners.find(({ from, to }) => clock >= from && clock < to)?.id ?? null
  }

  /** What is seen, in the order of the copy. */
  #seen(): Seen[] {
    this.#cached ??= this.#look()
    return this.#cached
  }

  /** What was seen since the last change. */
  #cached: Seen[] | null = null

  #look(): Seen[] {
    this.#unowned = []
    const strikes = [...this.strikes].map(([key, length]) => {
      const [client = 0, clock = 0] = key.split(':').map(Number)
      return { key, client, clock, end: clock + length }
    })
    const byClient = grouped(strikes, ({ client }) => client)
    const seen: Seen[] = []
    let offset = 0
    for (const { client, clock, length, isDeleted, text } of stretchesOf(this.text)) {
      if (isDeleted) continue
      const isOwn = client === this.doc.clientID
      // Cut where strikes and owners begin and end.
      const cuts = isOwn ? this.#owners : (byClient.get(client) ?? []).map((one) => ({ from: one.clock, to: one.end }))
      const places = [...new Set([clock, clock + length, ...cuts.flatMap(({ from, to }) => [from, to])])].filter((at) => at >= clock && at <= clock + length).toSorted((a, b) => a - b)
      for (const [index, start] of places.slice(0, -1).entries()) {
        const end = places[index + 1] ?? start
        const strike = isOwn ? undefined : byClient.get(client)?.find((one) => one.clock <= start && end <= one.end)
        seen.push({
          from: offset + start - clock,
          to: offset + end - clock,
          ids: isOwn ? null : [client, start, end - start],
          isStruck: strike !== undefined,
          owner: isOwn ? this.#ownerAt(start) : strike === undefined ? null : (this.#strikeOwners.get(strike.key) ?? null),
          text: text.slice(start - clock, end - clock),
        })
        if (isOwn && seen.at(-1)?.owner === null) this.#unowned.push([start, end, seen.length - 1])
      }
      offset += length
    }
    return seen
  }

  /** Letters of which nobody has said which suggestion they are: clocks, and their place in what is seen. */
  #unowned: [from: number, to: number, index: number][] = []

  /** What is suggested. Letters and strikes side by side are one suggestion, as long as they were not two before. */
  proposed(): Proposed[] {
    const seen = this.#seen()
    const taken = new Set<string>()
    for (let start = 0; start < seen.length; ) {
      const isPart = (index: number) => {
        const one = seen[index]
        return one !== undefined && (one.ids === null || one.isStruck)
      }
      if (!isPart(start)) {
        start += 1
        continue
      }
      let end = start
      while (isPart(end)) end += 1
      const cluster = seen.slice(start, end)
      start = end
      // One that is suggested elsewhere already is another suggestion here.
      for (const one of cluster) if (one.owner !== null && taken.has(one.owner)) one.owner = null
      let known = cluster.find(({ owner }) => owner !== null)?.owner ?? freshId()
      for (const one of cluster) known = one.owner ??= known
      for (const { owner } of cluster) if (owner !== null) taken.add(owner)
    }
    for (const [from, to, index] of this.#unowned) {
      const id = seen[index]?.owner
      if (id !== null && id !== undefined) this.#own(from, to, id)
    }
    this.#unowned = []
    for (const { ids, isStruck, owner } of seen) {
      if (ids === null || !isStruck || owner === null) continue
      const key = [...this.strikes.keys()].find((candidate) => {
        const [client = 0, clock = 0] = candidate.split(':').map(Number)
        return client === ids[0] && clock <= ids[1] && ids[1] < clock + (this.strikes.get(candidate) ?? 0)
      })
      if (key !== undefined) this.#strikeOwners.set(key, owner)
    }
    const byOwner = grouped(seen.filter(({ owner }) => owner !== null), ({ owner }) => owner ?? '')
    return [...byOwner].map(([id, parts]) => {
      const letters = parts.filter(({ ids }) => ids === null)
      const gone = parts.filter(({ ids }) => ids !== null)
      const place = letters[0] ?? gone.at(-1)
      const { left, right } = this.#around(letters.length === 0 ? (place?.to ?? 0) : (place?.from ?? 0), letters.at(-1)?.to ?? place?.to ?? 0)
      return {
        id,
        proposal: {
          insert: letters.map(({ text }) => text).join(''),
          left,
          right,
          removed: joinedIds(gone.flatMap(({ ids }) => (ids === null ? [] : [ids]))),
          quote: gone.map(({ text }) => text).join(''),
        },
        inserted: joined(letters.map(({ from, to }) => [from, to])),
        struck: joined(gone.map(({ from, to }) => [from, to])),
      }
    })
  }

  /** The characters of the text before and behind a place of the copy. */
  #around(from: number, to: number): { left: CharacterId | null; right: CharacterId | null } {
    let [left, right]: [CharacterId | null, CharacterId | null] = [null, null]
    let offset = 0
    for (const { client, clock, length, isDeleted } of stretchesOf(this.text)) {
      const end = isDeleted ? offset : offset + length
      if (client !== this.doc.clientID) {
        if (end <= from && offset < from) left = [client, clock + length - 1]
        else if (end > from && offset < from) left = [client, clock + from - offset - 1]
        if (right === null && !isDeleted && end > to) right = [client, clock + Math.max(0, to - offset)]
      }
      offset = end
    }
    return { left, right }
  }

  /** The parts of a range of the copy: letters that are suggested, which can go, and text, which can be struck out. */
  parts(from: number, to: number): { from: number; to: number; isText: boolean }[] {
    return this.#seen()
      .filter((one) => one.to > from && one.from < to)
      .map((one) => ({ from: Math.max(from, one.from), to: Math.min(to, one.to), isText: one.ids !== null }))
  }

  /** Strikes out the text of a range; to be called in a transaction. */
  strike(from: number, to: number): void {
    for (const { from: start, to: end, ids, isStruck } of this.#seen()) {
      if (ids === null || isStruck || end <= from || start >= to) continue
      const [client, clock] = ids
      const skipped = Math.max(0, from - start)
      this.strikes.set(keyOf(client, clock + skipped), Math.min(end, to) - start - skipped)
    }
  }

  /** Forgets a suggestion: it was accepted, rejected or taken back. */
  settle(id: string): void {
    this.doc.transact(() => {
      for (const { from, to, ids, owner } of this.#seen().toReversed()) if (owner === id && ids === null) this.text.delete(from, to - from)
      for (const [key, owner] of this.#strikeOwners) if (owner === id) this.strikes.delete(key)
    }, FOLLOWING)
  }

  /** The offset in the text of one in the copy. */
  toText(offset: number): number {
    return this.#seen().reduce((sum, { from, to, ids }) => sum + (ids === null ? 0 : Math.max(0, Math.min(to, offset) - from)), 0)
  }

  /** The offset in the copy of one in the text. */
  fromText(offset: number): number {
    let rest = offset
    for (const { from, to, ids } of this.#seen()) {
      if (ids === null) continue
      if (rest < to - from) return from + rest
      rest -= to - from
    }
    return this.text.length
  }
}
