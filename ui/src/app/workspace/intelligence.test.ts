import { expect, test } from 'vitest'
import type { Completion } from '../../ipc/generated'
import { byFile, shownCompletion } from './intelligence'

const range = { start: { line: 1, column: 1 }, end: { line: 1, column: 4 } }

test('edits are grouped by file, in their order', () => {
  const edits = ['a', 'b', 'a'].map((path, index) => ({ path, range, text: String(index) }))
  expect(byFile(edits).map((file) => [file.path, file.edits.map((edit) => edit.text)])).toEqual([
    ['a', ['0', '2']],
    ['b', ['1']],
  ])
})

test('after a reference the list opens again, after a section it does not', () => {
  const item = (insertText: string): Completion => ({
    label: insertText, kind: 'command', detail: '', insertText, isSnippet: true, range, filterText: insertText, edits: [],
  })
  expect(shownCompletion(item('\\\\ref{${1:key}}'), 0)).toMatchObject({ continues: true, insertText: '\\\\ref{$1}' })
  expect(shownCompletion(item('\\parencite[$1]{$2}'), 0).continues).toBe(true)
  expect(shownCompletion(item('\\section{$1}'), 12)).toMatchObject({ continues: undefined, sortText: '0012' })
})
