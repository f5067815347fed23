import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { anchorOf, placeOf } from './anchors'
import { readChat, say, takeBack, unreadOf } from './chat'
import { meantBy, mentionBefore, mentionsIn, peopleOf, piecesOf, readMentions, speaksTo, type Written } from './people'
import { comment, deleteThread, editMessage, readThreads, reply, setResolved } from './threads'

const ADA = { id: 'a', name: 'Ada' }
const BEN = { id: 'b', name: 'Ben Long' }

const plain = (text: string): Written => ({ text, mentions: [] })

function textOf(initial: string) {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, initial)
  return doc.getText('text')
}

function exchange(...docs: Y.Doc[]) {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)))
}

function quoted(text: Y.Text, anchor: ReturnType<typeof anchorOf>) {
  const place = placeOf(text, anchor)
  return place === null ? null : place.isGone ? `gone at ${place.from}` : text.toString().slice(place.from, place.to)
}

describe('an anchor', () => {
  test('stays with its characters', () => {
    const text = textOf('one two three')
    const anchor = anchorOf(text, 4, 7)
    text.insert(0, 'zero ')
    text.insert(text.length, ' four')
    expect(quoted(text, anchor)).toBe('two')
    text.insert(9, '<')
    text.insert(13, '>')
    expect(text.toString()).toBe('zero one <two> three four')
    expect(quoted(text, anchor)).toBe('two')
    text.insert(11, 'wwww')
    expect(quoted(text, anchor)).toBe('twwwwwo')
  })
  test('shrinks with a deletion, and tells where it was when all is gone', () => {
    const text = textOf('one two three')
    const anchor = anchorOf(text, 4, 7)
    text.delete(3, 2)
    expect(quoted(text, anchor)).toBe('wo')
    text.delete(3, 2)
    expect(quoted(text, anchor)).toBe('gone at 3')
    text.insert(3, ' new')
    expect(placeOf(text, anchor)?.isGone).toBe(true)
  })
  test('comes back with a deletion that is undone, in other copies too', () => {
    const text = textOf('one two and three and four')
    const anchor = anchorOf(text, 4, 17)
    const undo = new Y.UndoManager(text)
    text.delete(2, 20)
    expect(placeOf(text, anchor)?.isGone).toBe(true)
    undo.undo()
    const other = new Y.Doc()
    exchange(other, text.doc as Y.Doc)
    expect([text, other.getText('text')].map((copy) => quoted(copy, anchor))).toEqual(['two and three', 'two and three'])
  })
  test('means the same in every copy, also before the copy has its characters', () => {
    const text = textOf('one two')
    const copy = new Y.Doc()
    const anchor = anchorOf(text, 4, 7)
    expect(placeOf(copy.getText('text'), anchor)).toBeNull()
    exchange(text.doc as Y.Doc, copy)
    copy.getText('text').insert(0, '% ')
    expect(quoted(copy.getText('text'), anchor)).toBe('two')
    expect(placeOf(text, { ...anchor, start: new Uint8Array([255, 255]) })).toBeNull()
  })
})

describe('threads', () => {
  const begun = () => {
    const doc = new Y.Doc()
    const text = textOf('one two')
    const id = comment(doc, ADA, 10, 'd1', anchorOf(text, 4, 7), plain('Why two?'))
    return { doc, id }
  }
  test('what two do at once comes together', () => {
    const { doc, id } = begun()
    const other = new Y.Doc()
    exchange(doc, other)
    reply(doc, ADA, 20, id, plain('From Ada'))
    reply(other, BEN, 15, id, plain('From Ben'))
    setResolved(other, BEN, 16, id, true)
    comment(other, BEN, 17, 'd2', anchorOf(textOf('x'), 0, 1), plain('Another'))
    exchange(doc, other)
    expect(readThreads(doc)).toEqual(readThreads(other))
    const [first, second] = readThreads(doc)
    expect(first?.messages.map(({ author, text }) => `${author.name}: ${text}`)).toEqual(['Ada: Why two?', 'Ben Long: From Ben', 'Ada: From Ada'])
    expect(first?.resolved?.author).toEqual(BEN)
    expect(second?.document).toBe('d2')
    expect(peopleOf(doc)).toEqual([ADA, BEN])
  })
  test('both resolve, one opens again and replies', () => {
    const { doc, id } = begun()
    const other = new Y.Doc()
    exchange(doc, other)
    setResolved(doc, ADA, 20, id, true)
    setResolved(other, BEN, 21, id, true)
    exchange(doc, other)
    expect(readThreads(doc)[0]?.resolved).toEqual(readThreads(other)[0]?.resolved)
    reply(doc, ADA, 5, id, plain('No, wait'))
    exchange(doc, other)
    expect(readThreads(other)[0]?.resolved).toBeNull()
    expect(readThreads(other)[0]?.messages.at(-1)?.text).toBe('No, wait')
  })
  test('messages are edited and deleted, the last with its thread', () => {
    const { doc, id } = begun()
    const [first] = readThreads(doc)[0]?.messages ?? []
    editMessage(doc, id, first?.id ?? '', { text: 'Why not three, @Ben Long?', mentions: [BEN] })
    expect(readThreads(doc)[0]?.messages).toEqual([{ ...first, text: 'Why not three, @Ben Long?', mentions: [BEN], isEdited: true }])
    editMessage(doc, id, first?.id ?? '', null)
    expect(readThreads(doc)).toEqual([])
    expect(doc.getMap('threads').size).toBe(0)
  })
  test('a reply to a thread that somebody deletes at the same time does no harm', () => {
    const { doc, id } = begun()
    const other = new Y.Doc()
    exchange(doc, other)
    deleteThread(doc, id)
    reply(other, BEN, 20, id, plain('But'))
    exchange(doc, other)
    expect([readThreads(doc), readThreads(other)]).toEqual([[], []])
    reply(doc, ADA, 30, id, plain('Into nothing'))
    expect(readThreads(doc)).toEqual([])
  })
  test('what a stranger wrote wrongly is passed over', () => {
    const { doc } = begun()
    doc.getMap('threads').set('x', 'text')
    doc.getMap('threads').set('y', new Y.Map([['messages', 3]]))
    doc.getArray('chat').push([1, { id: 2 }, null])
    expect(readThreads(doc)).toHaveLength(1)
    expect(readChat(doc)).toEqual([])
  })
})

describe('names', () => {
  const people = [ADA, BEN, { id: 'c', name: 'Ben' }]
  test('speaking to somebody', () => {
    expect(piecesOf('Hi @ben long, @Ada.', people).map(({ text, person }) => [text, person?.id ?? null])).toEqual([
      ['Hi ', null],
      ['@ben long', 'b'],
      [', ', null],
      ['@Ada', 'a'],
      ['.', null],
    ])
    expect(mentionsIn('@Ben or @ada, @Ben', [], people).map(({ id }) => id)).toEqual(['c', 'a'])
    expect(mentionsIn('@Bennett, ben@ada.org', [], people)).toEqual([])
  })
  test('of two with one name the one who was chosen is meant', () => {
    const other = { id: 'd', name: 'Ben' }
    expect(mentionsIn('@Ben', [], [...people, other])).toEqual([{ id: 'c', name: 'Ben' }])
    expect(mentionsIn('@Ben', [other], [...people, other])).toEqual([other])
  })
  test('whom a message means is kept with it, and told by its names where it is older', () => {
    const isBen = (id: string) => id === 'c'
    expect(speaksTo({ text: '@Ben', mentions: [{ id: 'd', name: 'Ben' }] }, isBen, people)).toBe(false)
    expect(speaksTo({ text: '@Ben', mentions: [] }, isBen, people)).toBe(false)
    expect(speaksTo({ text: '@Ben', mentions: null }, isBen, people)).toBe(true)
    const doc = new Y.Doc()
    say(doc, ADA, 1, { text: 'Hi @Ben Long', mentions: [BEN] })
    doc.getArray('chat').push([{ id: 'old', by: 'a', name: 'Ada', at: 2, text: '@Ben' }])
    expect(readChat(doc).map(({ mentions }) => mentions)).toEqual([[BEN], null])
  })
  test('what a stranger wrote as mentions is checked', () => {
    const long = 'x'.repeat(1000)
    expect(readMentions([BEN, 'b', null, { id: 1, name: 'One' }, { id: '', name: 'None' }, { id: 'l', name: long }, { ...ADA, more: long }])).toEqual([BEN, ADA])
    expect(readMentions(Array.from({ length: 1000 }, () => ADA))?.length).toBe(50)
    expect(readMentions('b')).toBeNull()
  })
  test('what is being typed', () => {
    expect(mentionBefore('Hi @lo', 6)).toEqual({ at: 3, typed: 'lo' })
    expect(mentionBefore('a@lo', 4)).toBeNull()
    expect(mentionBefore('@ lo', 4)).toBeNull()
    expect(meantBy('lo', people)).toEqual([BEN])
    expect(meantBy('be', people)).toHaveLength(2)
  })
})

test('the chat tells what is new to whom', () => {
  const doc = new Y.Doc()
  const other = new Y.Doc()
  say(doc, ADA, 1, plain('Hello'))
  exchange(doc, other)
  say(other, BEN, 2, plain('Hi'))
  say(doc, ADA, 2, plain('Anybody?'))
  exchange(doc, other)
  expect(readChat(doc)).toEqual(readChat(other))
  const chat = readChat(doc)
  const is = (one: string) => (id: string) => id === one
  expect(unreadOf(chat, null, is('a'))).toBe(1)
  expect(unreadOf(chat, chat[0]?.id ?? null, is('b'))).toBe(1)
  expect(unreadOf(chat, chat.at(-1)?.id ?? null, is('a'))).toBe(0)
  takeBack(doc, chat[0]?.id ?? '')
  expect(readChat(doc)).toHaveLength(2)
})
