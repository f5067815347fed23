import { afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Branch } from '../../state/discussion/branch'
import { monaco } from './monaco'
import { SuggestingText } from './suggesting'

const open: { dispose: () => void }[] = []
afterEach(() => {
  for (const item of open.splice(0).toReversed()) item.dispose()
})

function suggest(initial: string) {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  text.insert(0, initial)
  const branch = new Branch(text, [])
  const view = new SuggestingText(branch, 'main.tex', 'plaintext')
  open.push(view)
  /** Presses a key as Monaco does: replaces a range with the cursor at `cursor`; where the cursor is then. */
  const type = (from: number, to: number, letters: string, cursor = to) => {
    const { model } = view
    const [start, end, at] = [from, to, cursor].map((offset) => model.getPositionAt(offset)) as [monaco.Position, monaco.Position, monaco.Position]
    const after = (inverse: monaco.editor.IValidEditOperation[]) => inverse.map(({ range }) => monaco.Selection.fromPositions(range.getEndPosition()))
    model.pushStackElement()
    const [selection] = model.pushEditOperations([monaco.Selection.fromPositions(at)], [{ range: monaco.Range.fromPositions(start, end), text: letters }], after) ?? []
    return selection === undefined ? null : model.getOffsetAt(selection.getPosition())
  }
  const told = () => branch.proposed().map(({ proposal }) => `-${proposal.quote} +${proposal.insert}`)
  return { text, view, type, told, shown: () => view.model.getValue() }
}

test('letters are shown and not in the text', () => {
  const { text, type, told, shown } = suggest('one two')
  expect(type(3, 3, ' a')).toBe(5)
  expect(type(5, 5, 'nd')).toBe(7)
  expect([shown(), text.toString(), told()]).toEqual(['one and two', 'one two', ['- + and']])
})
test('the Backspace key strikes out and goes on to the left, the Delete key to the right', () => {
  const { type, told, shown } = suggest('one two')
  expect(type(6, 7, '', 7)).toBe(6)
  expect(type(5, 6, '', 6)).toBe(5)
  expect([shown(), told()]).toEqual(['one two', ['-wo +']])
  expect(type(0, 1, '', 0)).toBe(1)
  expect(told()).toEqual(['-o +', '-wo +'])
  // What is struck out already is passed by.
  expect(type(6, 7, '', 7)).toBe(6)
  expect(told()).toEqual(['-o +', '-wo +'])
})
test('one deletes in what one has just written', () => {
  const { type, told, shown } = suggest('one two')
  type(3, 3, ' and')
  type(6, 7, '', 7)
  expect([shown(), told()]).toEqual(['one an two', ['- + an']])
  type(4, 5, 'A')
  expect(told()).toEqual(['- + An'])
})
test('what is written over a selection comes behind it; of a mixture one’s own letters go', () => {
  const { text, type, told, shown } = suggest('one two three')
  expect(type(4, 7, '2')).toBe(8)
  expect([shown(), told()]).toEqual(['one two2 three', ['-two +2']])
  expect(type(2, 10, 'X')).toBe(10)
  expect([shown(), told(), text.toString()]).toEqual(['one two tXhree', ['-e two t +X'], 'one two three'])
})
test('several lines are pasted, lines are joined', () => {
  const { type, told, shown } = suggest('one\ntwo')
  type(3, 3, '\na\nb')
  expect(shown()).toBe('one\na\nb\ntwo')
  expect(type(7, 8, '', 8)).toBe(7)
  expect(told()).toEqual(['-\n +\na\nb'])
})
test('a bracket that is typed over stays one', () => {
  const { type, told, shown } = suggest('{a}')
  expect(type(2, 3, '}', 2)).toBe(3)
  expect([shown(), told()]).toEqual(['{a}', []])
})
test('undo takes back strikes and letters, and nothing of the others', () => {
  const { text, view, type, told } = suggest('one two')
  type(4, 7, '2')
  text.insert(0, '% ')
  type(9, 9, 'nd')
  expect(told()).toEqual(['-two +nd2'])
  view.model.undo()
  expect(told()).toEqual(['-two +2'])
  view.model.undo()
  expect([told(), view.model.getValue(), text.toString()]).toEqual([[], '% one two', '% one two'])
  view.model.redo()
  expect(told()).toEqual(['-two +2'])
})
test('lines that end in CRLF', () => {
  const { text, type, told, view } = suggest('one\r\ntwo\r\n')
  expect(type(4, 7, 'x\ny')).toBe(10)
  expect(told()).toEqual(['-two +x\r\ny'])
  expect([view.textOffsetAt({ lineNumber: 2, column: 5 }), text.toString()]).toEqual([8, 'one\r\ntwo\r\n'])
})
