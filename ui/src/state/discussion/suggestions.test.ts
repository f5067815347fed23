import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Branch } from './branch'
import { followUndone, standings } from './layout'
import { accept, acceptanceOf, close, propose, readSuggestions, reopen, type Suggestion, withdraw } from './suggestions'

const ADA = { id: 'a', name: 'Ada' }
const BEN = { id: 'b', name: 'Ben' }

function exchange(...docs: Y.Doc[]) {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)))
}

function textOf(initial: string) {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, initial)
  return doc.getText('text')
}

function docOf(text: Y.Text): Y.Doc {
  if (text.doc === null) throw new Error('no document')
  return text.doc
}

/** Suggests an edit of a text: what stands from `from` to `to` is to be `insert`. */
function suggested(text: Y.Text, talk: Y.Doc, from: number, to: number, insert: string, author = BEN): Suggestion {
  const branch = new Branch(text, [])
  branch.doc.transact(() => branch.strike(from, to))
  if (insert !== '') branch.text.insert(to, insert)
  const [one] = branch.proposed()
  if (one === undefined) throw new Error('nothing is suggested')
  propose(talk, author, 10, 'd', one.proposal, one.id)
  branch.dispose()
  return find(talk, one.id)
}

function find(talk: Y.Doc, id: string): Suggestion {
  const found = readSuggestions(talk).find((one) => one.id === id)
  if (found === undefined) throw new Error('no suggestion')
  return found
}

describe('accepting', () => {
  test.each([
    ['an insertion', 3, 3, ' and', 'one and two'],
    ['a deletion', 3, 7, '', 'one'],
    ['a replacement', 4, 7, 'three', 'one three'],
    ['an insertion at the start', 0, 0, '% ', '% one two'],
    ['an insertion at the end', 7, 7, '!', 'one two!'],
    ['all of it', 0, 7, 'x', 'x'],
  ])('%s', (_what, from, to, insert, after) => {
    const text = textOf('one two')
    const suggestion = suggested(text, new Y.Doc(), from, to, insert)
    expect(text.toString()).toBe('one two')
    accept(docOf(text), suggestion, null)
    expect(text.toString()).toBe(after)
  })
  test('into an empty text, and letters of two units', () => {
    const text = new Y.Doc().getText('text')
    accept(docOf(text), suggested(text, new Y.Doc(), 0, 0, 'ü😀'), null)
    expect(text.toString()).toBe('ü😀')
    text.insert(3, '!')
    expect(text.toString()).toBe('ü😀!')
  })
  test('twice and by two at once inserts once, in every copy', () => {
    const text = textOf('one two')
    const talk = new Y.Doc()
    const suggestion = suggested(text, talk, 4, 7, 'three')
    const [other, otherTalk, third] = [new Y.Doc(), new Y.Doc(), new Y.Doc()]
    exchange(docOf(text), other, third)
    exchange(talk, otherTalk)
    // Each of them goes on writing at the same place meanwhile.
    text.insert(4, 'big ')
    other.getText('text').insert(7, ' more')
    other.getText('text').insert(4, 'fat ')
    accept(docOf(text), suggestion, null)
    close(talk, ADA, 20, suggestion.id, 'accepted')
    accept(other, suggestion, null)
    accept(other, suggestion, null)
    close(otherTalk, BEN, 21, suggestion.id, 'accepted')
    exchange(docOf(text), other, third)
    exchange(talk, otherTalk)
    const [ours, theirs, lookingOn] = [text, other.getText('text'), third.getText('text')].map(String)
    expect(ours).toBe(theirs)
    expect(ours).toBe(lookingOn)
    expect(ours?.split('three')).toHaveLength(2)
    expect(ours).not.toContain('two')
    expect(readSuggestions(talk)).toEqual(readSuggestions(otherTalk))
  })
  test('one accepts what the other rejects: both see the same verdict and the same text', () => {
    const text = textOf('one two')
    const [talk, otherTalk] = [new Y.Doc(), new Y.Doc()]
    const suggestion = suggested(text, talk, 3, 7, '')
    exchange(talk, otherTalk)
    close(talk, ADA, 20, suggestion.id, 'accepted')
    close(otherTalk, BEN, 20, suggestion.id, 'rejected')
    exchange(talk, otherTalk)
    expect(readSuggestions(talk)).toEqual(readSuggestions(otherTalk))
  })
  test('what was written into a deletion meanwhile stays', () => {
    const text = textOf('one two three')
    const suggestion = suggested(text, new Y.Doc(), 3, 13, '')
    text.insert(8, 'NEW ')
    accept(docOf(text), suggestion, null)
    expect(text.toString()).toBe('oneNEW ')
  })
  test('what was accepted, undone and opened again comes a second time', () => {
    const text = textOf('one two')
    const talk = new Y.Doc()
    const { id } = suggested(text, talk, 3, 3, ' and')
    const undo = new Y.UndoManager(text, { trackedOrigins: new Set(['me']) })
    accept(docOf(text), find(talk, id), 'me')
    close(talk, ADA, 20, id, 'accepted')
    undo.undo()
    reopen(talk, id)
    expect([text.toString(), find(talk, id).closed]).toEqual(['one two', null])
    accept(docOf(text), find(talk, id), 'me')
    expect(text.toString()).toBe('one and two')
  })
  test('what was deleted with it and is back is deleted a second time', () => {
    const text = textOf('one two three')
    const talk = new Y.Doc()
    const { id } = suggested(text, talk, 4, 7, '2')
    const undo = new Y.UndoManager(text, { trackedOrigins: new Set(['me']) })
    accept(docOf(text), find(talk, id), 'me')
    undo.undo()
    reopen(talk, id)
    expect(standings(text, [find(talk, id)])[0]?.isLost).toBe(true)
    propose(talk, BEN, 10, 'd', followUndone(text, find(talk, id)), id)
    expect(standings(text, [find(talk, id)])[0]).toEqual({ at: 7, struck: [[4, 7]], isLost: false, isPartlyGone: false })
    accept(docOf(text), find(talk, id), 'me')
    expect(text.toString()).toBe('one 2 three')
    undo.undo()
    expect(text.toString()).toBe('one two three')
  })
  test('the same words in another place are other letters', () => {
    const suggestion = suggested(textOf('one two'), new Y.Doc(), 3, 3, ' and')
    const elsewhere = { ...suggestion, left: suggestion.right, right: null }
    expect(acceptanceOf(suggestion).slice(0, 8)).not.toEqual(acceptanceOf(elsewhere).slice(0, 8))
  })
})

describe('where a suggestion stands', () => {
  test('follows the text', () => {
    const text = textOf('one two three')
    const suggestion = suggested(text, new Y.Doc(), 4, 7, '2')
    text.insert(0, '% ')
    expect(standings(text, [suggestion])).toEqual([{ at: 9, struck: [[6, 9]], isLost: false, isPartlyGone: false }])
    text.insert(7, 'x')
    expect(standings(text, [suggestion])[0]?.struck).toEqual([[6, 7], [8, 10]])
    text.delete(8, 2)
    expect(standings(text, [suggestion])[0]).toMatchObject({ isPartlyGone: true, isLost: false })
    text.delete(0, text.length)
    expect(standings(text, [suggestion])[0]).toEqual({ at: 0, struck: [], isLost: true, isPartlyGone: false })
  })
  test('an insertion is lost with the text around it, and can still be accepted', () => {
    const text = textOf('one two three')
    const suggestion = suggested(text, new Y.Doc(), 5, 5, 'w')
    text.delete(3, 5)
    expect(standings(text, [suggestion])[0]?.isLost).toBe(true)
    accept(docOf(text), suggestion, null)
    expect(text.toString()).toBe('onewthree')
  })
  test('is not known in a copy that lacks its characters', () => {
    const suggestion = suggested(textOf('one two'), new Y.Doc(), 4, 7, '')
    expect(standings(new Y.Doc().getText('text'), [suggestion])).toEqual([null])
  })
})

describe('writing suggestions', () => {
  const begin = (initial: string, own: readonly Suggestion[] = []) => {
    const text = textOf(initial)
    return { text, branch: new Branch(text, own) }
  }
  const told = (branch: Branch) => branch.proposed().map(({ proposal }) => `-${proposal.quote} +${proposal.insert}`)
  test('letters one after the other are one suggestion, elsewhere another', () => {
    const { text, branch } = begin('one two three')
    for (const [at, letter] of [...'and '].entries()) branch.text.insert(4 + at, letter)
    const [first] = branch.proposed()
    branch.text.insert(branch.text.length, '!')
    branch.text.insert(6, '-')
    expect(told(branch)).toEqual(['- +an-d ', '- +!'])
    expect(branch.proposed()[0]?.id).toBe(first?.id)
    branch.text.delete(4, 5)
    expect(told(branch)).toEqual(['- +!'])
    expect(text.toString()).toBe('one two three')
  })
  test('what is struck out letter by letter is one deletion, with what is written beside it a replacement', () => {
    const { branch } = begin('one two three')
    for (const at of [6, 5, 4]) branch.doc.transact(() => branch.strike(at, at + 1))
    branch.text.insert(7, '2')
    expect(told(branch)).toEqual(['-two +2'])
    branch.text.insert(8, '!')
    const [one] = branch.proposed()
    expect([one?.inserted, one?.struck, one?.proposal.removed.length]).toEqual([[[7, 9]], [[4, 7]], 1])
    branch.text.delete(8, 1)
    expect(branch.text.toString()).toBe('one two2 three')
    branch.doc.transact(() => branch.strike(0, 5))
    expect(told(branch)).toEqual(['-one two +2'])
    expect(branch.parts(5, 10)).toEqual([
      { from: 5, to: 6, isText: true },
      { from: 6, to: 7, isText: true },
      { from: 7, to: 8, isText: false },
      { from: 8, to: 10, isText: true },
    ])
  })
  test('others write meanwhile', () => {
    const { text, branch } = begin('one two three')
    branch.text.insert(3, ' and')
    text.insert(0, '% ')
    text.delete(text.length - 6, 6)
    expect(branch.text.toString()).toBe('% one and two')
    expect(told(branch)).toEqual(['- +and'.replace('and', ' and')])
    expect([0, 5, 9, 13].map((at) => branch.toText(at))).toEqual([0, 5, 5, 9])
    expect([0, 4, 5, 8].map((at) => branch.fromText(at))).toEqual([0, 4, 9, 12])
  })
  test('is gone on with after a restart, and ends with a verdict', () => {
    const text = textOf('one two three')
    const talk = new Y.Doc()
    const { id } = suggested(text, talk, 4, 7, '2')
    const branch = new Branch(text, readSuggestions(talk))
    expect(branch.text.toString()).toBe('one two2 three')
    branch.text.insert(8, '!')
    const [again] = branch.proposed()
    expect([again?.id, again?.proposal.insert, again?.proposal.quote]).toEqual([id, '2!', 'two'])
    propose(talk, BEN, 30, 'd', again?.proposal ?? suggested(text, talk, 0, 0, ''), id)
    expect(find(talk, id)).toMatchObject({ insert: '2!', at: 10 })
    accept(docOf(text), find(talk, id), null)
    branch.settle(id)
    expect([text.toString(), branch.text.toString(), told(branch)]).toEqual(['one 2! three', 'one 2! three', []])
  })
  test('each of two neighbours stays what it was when the text between them goes', () => {
    const text = textOf('one two three')
    const talk = new Y.Doc()
    const [first, second] = [suggested(text, talk, 4, 4, 'A'), suggested(text, talk, 7, 7, 'B')]
    const branch = new Branch(text, [first, second])
    text.delete(4, 3)
    expect(branch.proposed().map(({ id, proposal }) => [id, proposal.insert])).toEqual([
      [first.id, 'A'],
      [second.id, 'B'],
    ])
  })
  test('is undone step by step, strikes too', () => {
    const { branch } = begin('one two')
    const undo = new Y.UndoManager([branch.text, branch.strikes] as Y.AbstractType<unknown>[], { trackedOrigins: new Set(['me']), captureTimeout: 0 })
    branch.doc.transact(() => branch.strike(4, 7), 'me')
    branch.doc.transact(() => branch.text.insert(7, '2'), 'me')
    expect(told(branch)).toEqual(['-two +2'])
    undo.undo()
    expect(told(branch)).toEqual(['-two +'])
    undo.undo()
    expect(told(branch)).toEqual([])
    undo.redo()
    undo.redo()
    expect(told(branch)).toEqual(['-two +2'])
  })
  test('is withdrawn', () => {
    const talk = new Y.Doc()
    withdraw(talk, suggested(textOf('one'), talk, 0, 1, '').id)
    expect(readSuggestions(talk)).toEqual([])
  })
  test('what a stranger wrote wrongly does no harm', () => {
    const talk = new Y.Doc()
    talk.getMap('suggestions').set('x', new Y.Map<unknown>([['left', [1]], ['removed', [[1, 2], 'no', [-1, 2, 3]]], ['round', 'x'], ['insert', 'text']]))
    expect(find(talk, 'x')).toMatchObject({ left: null, removed: [], round: 0, insert: '' })
    const text = textOf('one')
    accept(docOf(text), find(talk, 'x'), null)
    expect(text.toString()).toBe('one')
  })
})
