// Where suggestions stand in a text now, found in one walk over its characters.
import * as Y from 'yjs'
import type { CharacterId, CharacterRange, Proposal } from './suggestions'

/** A stretch of characters as Yjs keeps them, in the order of the text. */
export type Stretch = { readonly client: number; readonly clock: number; readonly length: number; readonly isDeleted: boolean; readonly text: string }

/** The characters of a text, those that were deleted among them. */
export function stretchesOf(text: Y.Text): Stretch[] {
  const found: Stretch[] = []
  for (const item of Y.getTypeChildren(text)) {
    const { client, clock } = item.id
    const content = item.content as { str?: unknown }
    // A format or a picture has no letters, but its place in a text of offsets.
    const letters = typeof content.str === 'string' ? content.str : '\uFFFC'.repeat(item.countable ? item.length : 0)
    found.push({ client, clock, length: item.length, isDeleted: item.deleted || !item.countable, text: item.deleted ? '' : letters })
  }
  return found
}

/** Where a proposal is now. */
export type Standing = {
  /** Offset at which letters would come. */
  readonly at: number
  /** What of the text would go, ascending. */
  readonly struck: readonly (readonly [from: number, to: number])[]
  /** Nothing of what it would replace, or of what it stands in, is there any more. */
  readonly isLost: boolean
  /** Some of what it would delete has been deleted by somebody. */
  readonly isPartlyGone: boolean
}

/** Where each proposal stands, in their order; null for one of whose characters not all have come yet. */
export function standings(text: Y.Text, proposals: readonly Proposal[]): (Standing | null)[] {
  if (proposals.length === 0) return []
  const stretches = stretchesOf(text)
  let offset = 0
  const byClient = new Map<number, { stretch: Stretch; offset: number }[]>()
  for (const stretch of stretches) {
    const placed = byClient.get(stretch.client) ?? []
    placed.push({ stretch, offset })
    byClient.set(stretch.client, placed)
    if (!stretch.isDeleted) offset += stretch.length
  }
  const length = offset
  for (const placed of byClient.values()) placed.sort((a, b) => a.stretch.clock - b.stretch.clock)

  const find = ([client, clock]: CharacterId) => {
    const placed = byClient.get(client) ?? []
    let [low, high] = [0, placed.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((placed[middle]?.stretch.clock ?? 0) <= clock) low = middle + 1
      else high = middle
    }
    const found = placed[low - 1]
    return found !== undefined && clock < found.stretch.clock + found.stretch.length ? found : null
  }
  const struckOf = ([client, from, count]: CharacterRange): [number, number][] | null => {
    const struck: [number, number][] = []
    for (let clock = from; clock < from + count; ) {
      const found = find([client, clock])
      if (found === null) return null
      const { stretch, offset: at } = found
      const end = Math.min(from + count, stretch.clock + stretch.length)
      if (!stretch.isDeleted) struck.push([at + clock - stretch.clock, at + end - stretch.clock])
      clock = end
    }
    return struck
  }
  return proposals.map(({ insert, left, right, removed }) => {
    const [before, behind] = [left === null ? undefined : find(left), right === null ? undefined : find(right)]
    const parts = removed.map(struckOf)
    if (before === null || behind === null || parts.includes(null)) return null
    const struck = joined(parts.flatMap((part) => part ?? []))
    const isGone = (side: typeof before) => side !== undefined && side.stretch.isDeleted
    const at =
      before !== undefined && left !== null
        ? before.offset + (before.stretch.isDeleted ? 0 : left[1] - before.stretch.clock + 1)
        : behind === undefined || right === null
          ? length
          : behind.offset + (behind.stretch.isDeleted ? 0 : right[1] - behind.stretch.clock)
    const wanted = removed.reduce((sum, [, , count]) => sum + count, 0)
    const there = struck.reduce((sum, [from, to]) => sum + to - from, 0)
    return {
      at,
      struck,
      isLost: wanted > 0 ? there === 0 : insert !== '' && isGone(before) && (behind === undefined || isGone(behind)),
      isPartlyGone: there > 0 && there < wanted,
    }
  })
}

/** The proposal for a text in which deletions were undone: Yjs brings characters back under other ids, which only the
    copy knows in which that was done. The same proposal when none came back. */
export function followUndone(text: Y.Text, proposal: Proposal): Proposal {
  const { doc } = text
  if (doc === null) return proposal
  const follow = (id: CharacterId): CharacterId => {
    for (let [client, clock] = id; ; ) {
      if (clock >= Y.getState(doc.store, client)) return [client, clock]
      const item = Y.getItem(doc.store, Y.createID(client, clock))
      const { redone } = item instanceof Y.Item ? item : { redone: null }
      if (redone === null) return [client, clock]
      ;[client, clock] = [redone.client, redone.clock + clock - item.id.clock]
    }
  }
  const removed = proposal.removed.flatMap(([client, clock, length]) => Array.from({ length }, (_, at): CharacterRange => [...follow([client, clock + at]), 1]))
  return {
    ...proposal,
    left: proposal.left === null ? null : follow(proposal.left),
    right: proposal.right === null ? null : follow(proposal.right),
    removed: joinedIds(removed),
  }
}

/** Characters that were written one after the other and stand so, as one range. */
export function joinedIds(ranges: readonly CharacterRange[]): CharacterRange[] {
  const all: CharacterRange[] = []
  for (const [client, clock, length] of ranges) {
    const last = all.at(-1)
    if (last?.[0] === client && last[1] + last[2] === clock) all[all.length - 1] = [client, last[1], last[2] + length]
    else all.push([client, clock, length])
  }
  return all
}

/** Ranges in order, those that touch as one. */
export function joined(ranges: readonly [number, number][]): [number, number][] {
  const all: [number, number][] = []
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last !== undefined && last[1] >= from) last[1] = Math.max(last[1], to)
    else all.push([from, to])
  }
  return all
}
