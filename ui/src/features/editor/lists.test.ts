import { expect, test } from 'vitest'
import { listStep } from './lists'

/** The step for an Enter at the `|`, whose new line has Monaco's indentation. */
function enter(text: string) {
  const [before = '', after = ''] = text.split('|')
  const indent = /^\s*/.exec(before.split('\n').at(-1) ?? '')?.[0] ?? ''
  const all = `${before}\n${indent}${after}`.split('\n')
  return listStep({ count: all.length, line: (number) => all[number - 1] ?? '' }, before.split('\n').length)
}

const ITEM = { kind: 'item', before: '\\item ', after: '' }

test('behind an item comes the next one', () => {
  expect(enter('\\begin{itemize}\n  \\item one|\n\\end{itemize}')).toEqual(ITEM)
  expect(enter('\\begin{enumerate}[(a)]\n  \\item one|, two\n\\end{enumerate}')).toEqual(ITEM)
  expect(enter('\\begin{enumerate}|\n\\end{enumerate}')).toEqual(ITEM)
  expect(enter('\\begin{itemize}\n\\begin{equation}\n\\end{equation}\n\\item one|\n\\end{itemize}')).toEqual(ITEM)
  expect(enter('\\begin{description}\n  \\item[A] one|\n\\end{description}')).toEqual({ kind: 'item', before: '\\item[', after: '] ' })
})

test('elsewhere nothing is added', () => {
  expect(enter('text|')).toBeNull()
  expect(enter('\\item one|')).toBeNull()
  expect(enter('\\begin{itemize}\n\\item one\n  goes on|\n\\end{itemize}')).toBeNull()
  expect(enter('\\begin{itemize}\n% \\item one|\n\\end{itemize}')).toBeNull()
  expect(enter('\\begin{itemize}\n\\item one\n\\begin{equation}\n\\item x|\n\\end{equation}\\end{itemize}')).toBeNull()
  expect(enter('\\begin{itemize}\n\\item one\n\\end{itemize}\n\\item|')).toBeNull()
  // In front of an item: the line that it is moved to has one already.
  expect(enter('\\begin{itemize}|\\item one\n\\end{itemize}')).toBeNull()
  expect(enter('\\begin{itemize}\n\\itemsep0pt|\n\\end{itemize}')).toBeNull()
})

test('an empty item leaves the list', () => {
  expect(enter('\\begin{itemize}\n\\item one\n\\item |\n\\end{itemize}\nmore')).toEqual({ kind: 'leave', end: 5 })
  expect(enter('\\begin{description}\n\\item[A] one\n\\item[] |\n\\end{description}')).toEqual({ kind: 'leave', end: 5 })
  expect(enter('\\begin{itemize}\n\\item |\n\\item two\n\\end{itemize}')).toEqual({ kind: 'leave', end: null })
})
