import { expect, test } from 'vitest'
import { isCompletable } from './listOpening'

test.each([
  ['see \\re', true],
  ['see \\ref{se', true],
  ['\\parencite[12]{knuth, la', true],
  ['a line \\\\re', false],
  ['\\section{Some wor', false],
  ['\\ref{sec:a} an', false],
  ['prose', false],
])('%s', (before, expected) => {
  expect(isCompletable(before)).toBe(expected)
})
