import { describe, expect, test } from 'vitest'
import { closingFor, foldsOf, headingsOf, type Lines, partnerOf, tagAt } from './environments'

function linesOf(text: string): Lines {
  const all = text.split('\n')
  return { count: all.length, line: (number) => all[number - 1] ?? '' }
}

/** The text with `|` where the cursor is. */
function atCursor(text: string): { lines: Lines; line: number; column: number } {
  const before = text.slice(0, text.indexOf('|')).split('\n')
  return { lines: linesOf(text.replace('|', '')), line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function partner(text: string): string | null {
  const { lines, line, column } = atCursor(text)
  const tag = tagAt(lines, line, column)
  if (tag === null) return 'no tag'
  const other = partnerOf(lines, tag)
  return other === null ? null : `${other.kind} ${other.name} ${other.line}:${other.startColumn}`
}

describe('the other end', () => {
  test.each([
    ['\\be|gin{a}\nx\n\\end{a}', 'end a 3:6'],
    ['\\begin{a}\n\\begin{a}\n\\end{a}\n\\end{a|}', 'begin a 1:8'],
    ['\\begin{a|}\\begin{a}\\end{a}\\end{a}', 'end a 1:31'],
    ['\\begin{a}\\begin{a}\\end{a|}\\end{a}', 'begin a 1:17'],
    ['\\begin{a|}\n% \\end{a}\n\\end{a}', 'end a 3:6'],
    ['\\begin{a|}\n\\end{b}', null],
    ['\\% \\begin{align*|}\n\\end{align*}', 'end align* 2:6'],
    ['te|xt \\begin{a}', 'no tag'],
  ])('%j', (text, expected) => expect(partner(text)).toBe(expected))
})

function closing(text: string): string | null {
  const { lines, line, column } = atCursor(text)
  const own = lines.line(line)
  return closingFor(lines, own.slice(0, column - 1), own.slice(column - 1))
}

describe('closing an environment', () => {
  test.each([
    ['\\begin{itemize}|', '\n\\end{itemize}'],
    ['  \\begin{tabular}[t]{ll}|', '\n  \\end{tabular}'],
    ['\\begin{a}|\n\\end{a}', null],
    ['\\begin{a}\n\\begin{a}|\n\\end{a}', '\n\\end{a}'],
    ['% \\begin{a}|', null],
    ['\\begin{a}| text', null],
    ['\\begin{}|', null],
  ])('%j', (text, expected) => expect(closing(text)).toBe(expected))
})

test('headings hold what follows up to the next of their level', () => {
  const text = '\\section{A}\nx\n\\subsection*{B \\emph{c}}\ny\n% \\section{no}\n\\section[s]{C}\nz\n\\end{document}'
  expect(headingsOf(linesOf(text))).toEqual([
    { level: 2, title: 'A', line: 1, lastLine: 5 },
    { level: 3, title: 'B \\emph{c}', line: 3, lastLine: 5 },
    { level: 2, title: 'C', line: 6, lastLine: 7 },
  ])
})

test('folds: preamble, sections, environments, comments; unfinished ones do not', () => {
  const text =
    '\\documentclass{a}\n% one\n% two\n\\begin{document}\n\\section{A}\n\\begin{b}\nx\n\\end{b}\n\\begin{open}\n\\section{B}\ny\n\\end{document}'
  expect(foldsOf(linesOf(text)).map((fold) => `${fold.kind} ${fold.start}-${fold.end}`).toSorted()).toEqual([
    'comment 2-3',
    'environment 6-7',
    'preamble 1-3',
    'section 10-11',
    'section 5-9',
  ])
})
