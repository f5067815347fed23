import { expect, test } from 'vitest'
import type { SpellingMark } from '../../ipc/generated'
import { finishedMarks } from './spelling'

const mark = (column: number, word: string): SpellingMark => ({
  word,
  language: 'en',
  range: { start: { line: 1, column }, end: { line: 1, column: column + word.length } },
})

test('a word is marked when the cursor has left its end', () => {
  const marks = [mark(1, 'teh'), mark(5, 'wrod')]
  expect(finishedMarks(marks, { line: 1, column: 9 })).toEqual([marks[0]])
  expect(finishedMarks(marks, { line: 1, column: 7 })).toEqual(marks)
  expect(finishedMarks(marks, null)).toEqual(marks)
})
