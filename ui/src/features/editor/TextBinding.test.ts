import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { hiddenUnits, modelText, toModelOffset, toTextOffset } from './lineEnds'
import { monaco } from './monaco'
import { seededRandom } from './seededRandom'
import { createBoundModel, TextBinding } from './TextBinding'

const open: { dispose: () => void }[] = []
afterEach(() => {
  for (const item of open.splice(0).toReversed()) item.dispose()
})

let serial = 0
function bind(initial: string) {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  text.insert(0, initial)
  serial += 1
  const model = createBoundModel(text, 'plaintext', monaco.Uri.parse(`test:/${serial}`))
  const binding = new TextBinding(text, model)
  open.push(model, binding)
  return { doc, text, model, binding }
}

/** Types as an editor does: a step of undo begins, then the edit. */
function type(model: monaco.editor.ITextModel, at: number, remove: number, insert: string) {
  const range = monaco.Range.fromPositions(model.getPositionAt(at), model.getPositionAt(at + remove))
  model.pushStackElement()
  model.pushEditOperations([], [{ range, text: insert }], () => null)
}

function same({ text, model }: ReturnType<typeof bind>) {
  expect(model.getValue()).toBe(modelText(text.toString()))
}

function peers(initial: string) {
  const ours = bind(initial)
  const theirs = new Y.Doc()
  Y.applyUpdate(theirs, Y.encodeStateAsUpdate(ours.doc))
  const exchange = () => {
    Y.applyUpdate(theirs, Y.encodeStateAsUpdate(ours.doc, Y.encodeStateVector(theirs)), 'net')
    Y.applyUpdate(ours.doc, Y.encodeStateAsUpdate(theirs, Y.encodeStateVector(ours.doc)), 'net')
  }
  return { ours, theirs: theirs.getText('text'), exchange }
}

describe('line ends', () => {
  test('offsets in a CRLF file with a byte order mark', () => {
    const text = '\uFEFFa\r\nb\r\n'
    const hidden = hiddenUnits(text)
    expect(modelText(text)).toBe('a\nb\n')
    expect([0, 1, 2, 3, 4].map((offset) => toTextOffset(hidden, offset))).toEqual([1, 2, 4, 5, 7])
    expect([1, 2, 3, 4, 5, 7].map((offset) => toModelOffset(hidden, offset))).toEqual([0, 1, 1, 2, 3, 4])
  })
  test('new lines follow the file', () => {
    const crlf = bind('a\r\nb\r\n')
    type(crlf.model, 1, 0, '\nx')
    expect(crlf.text.toString()).toBe('a\r\nx\r\nb\r\n')
    const mixed = bind('a\nb\nc\r\n')
    type(mixed.model, 1, 0, '\nx')
    expect(mixed.text.toString()).toBe('a\nx\nb\nc\r\n')
  })
  test('deleting a line end deletes both of its characters', () => {
    const bound = bind('a\r\nb\r\nc')
    type(bound.model, 1, 1, '')
    expect(bound.text.toString()).toBe('ab\r\nc')
    same(bound)
  })
  test('pasted CRLF and a one-line text stay LF', () => {
    const bound = bind('one')
    type(bound.model, 3, 0, '\r\ntwo\r\n')
    expect(bound.text.toString()).toBe('one\ntwo\n')
    expect(bound.model.getEOL()).toBe('\n')
  })
  test('another program turns CRLF into LF while the file is open', () => {
    const bound = bind('a\r\nb\r\nc')
    bound.doc.transact(() => {
      bound.text.delete(4, 1)
      bound.text.delete(1, 1)
    }, 'disk')
    same(bound)
    type(bound.model, 3, 0, '\nx')
    expect(bound.text.toString()).toBe('a\nb\nx\nc')
  })
  test('another program turns LF into CRLF while the file is open', () => {
    const bound = bind('a\nb\nc')
    bound.doc.transact(() => {
      bound.text.insert(3, '\r')
      bound.text.insert(1, '\r')
    }, 'disk')
    same(bound)
    type(bound.model, 3, 0, '!')
    expect(bound.text.toString()).toBe('a\r\nb!\r\nc')
  })
})

describe('undo', () => {
  test('takes back only what was typed here', () => {
    const { ours, theirs, exchange } = peers('one two')
    type(ours.model, 3, 0, ' mine')
    theirs.insert(0, 'theirs ')
    exchange()
    ours.model.undo()
    expect(ours.model.getValue()).toBe('theirs one two')
    ours.model.redo()
    expect(ours.model.getValue()).toBe('theirs one mine two')
    same(ours)
  })
  test('steps end where Monaco ends them', () => {
    const { model } = bind('')
    type(model, 0, 0, 'a')
    model.pushEditOperations([], [{ range: new monaco.Range(1, 2, 1, 2), text: 'b' }], () => null)
    type(model, 2, 0, ' c')
    model.undo()
    expect(model.getValue()).toBe('ab')
    model.undo()
    expect(model.getValue()).toBe('')
    expect(model.canUndo()).toBe(false)
    model.redo()
    expect(model.getValue()).toBe('ab')
  })
  test('what was there at the beginning cannot be undone', () => {
    const { model } = bind('seed')
    model.undo()
    expect(model.getValue()).toBe('seed')
  })
  test('the cursor returns to where the step began', () => {
    const bound = bind('alpha beta gamma')
    const host = document.createElement('div')
    document.body.append(host)
    const editor = monaco.editor.create(host, { model: bound.model })
    open.push(editor)
    bound.binding.attach(editor)
    editor.setSelection(new monaco.Selection(1, 7, 1, 11))
    editor.trigger('keyboard', 'type', { text: 'x' })
    expect(bound.text.toString()).toBe('alpha x gamma')
    bound.doc.transact(() => bound.text.insert(0, 'new '), 'net')
    editor.setPosition({ lineNumber: 1, column: 1 })
    editor.trigger('keyboard', 'undo', null)
    expect(bound.text.toString()).toBe('new alpha beta gamma')
    expect(editor.getSelection()).toMatchObject({ startColumn: 11, endColumn: 15 })
    editor.trigger('keyboard', 'redo', null)
    expect(bound.text.toString()).toBe('new alpha x gamma')
  })
})

test('a remote edit leaves every local cursor at its text', () => {
  const bound = bind('one\ntwo\nthree')
  const host = document.createElement('div')
  document.body.append(host)
  const editor = monaco.editor.create(host, { model: bound.model })
  open.push(editor)
  editor.setSelections([new monaco.Selection(1, 2, 1, 2), new monaco.Selection(3, 2, 3, 4)])
  bound.doc.transact(() => {
    bound.text.insert(0, 'zero\n')
    bound.text.delete(9, 4)
  }, 'net')
  expect(bound.model.getValue()).toBe('zero\none\nthree')
  expect(editor.getSelections()?.map(String)).toEqual(['[2,2 -> 2,2]', '[3,2 -> 3,4]'])
})

const PIECES = ['a', 'word ', '\n', '\r\n', '\r', '😀', 'ü', '\uFEFF', '\n\n', '\r\n\r\n', '']
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)

test.each(SEEDS)('edits from both sides converge, undo included: seed %i', (seed) => {
  const below = seededRandom(seed)
  const piece = () => PIECES[below(PIECES.length)] ?? ''
  const { ours, theirs, exchange } = peers(Array.from({ length: below(12) }, piece).join(''))
  for (let step = 0; step < 60; step += 1) {
    const act = below(10)
    if (act < 5) {
      const length = ours.model.getValueLength()
      const at = below(length + 1)
      type(ours.model, at, below(Math.min(4, length - at) + 1), piece())
    } else if (act < 8) {
      const at = below(theirs.length + 1)
      theirs.doc?.transact(() => {
        theirs.delete(at, below(Math.min(4, theirs.length - at) + 1))
        const text = piece()
        if (text !== '') theirs.insert(at, text)
      })
    } else if (act === 8) {
      ours.model.undo()
    } else {
      ours.model.redo()
    }
    if (below(3) === 0) exchange()
    same(ours)
  }
  exchange()
  expect(theirs.toString()).toBe(ours.text.toString())
  same(ours)
})
