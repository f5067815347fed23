import { expect, test } from 'vitest'
import type { OutlineEntry, OutlineKind } from '../../ipc/generated'
import { entryAt, outlineNodes } from './outlineNodes'

function entry(kind: OutlineKind, title: string, path: string, line: number, children: OutlineEntry[] = []): OutlineEntry {
  const range = { start: { line, column: 1 }, end: { line, column: 9 } }
  return { kind, title, label: kind === 'label' ? 'l' : null, isNumbered: true, path, range, heading: range, children }
}

const outline = [
  entry('section', 'One', 'main.tex', 3, [entry('label', '', 'main.tex', 4), entry('figure', '', 'main.tex', 6)]),
  entry('section', 'Two', 'two.tex', 1, [entry('subsection', 'Same', 'two.tex', 5), entry('subsection', 'Same', 'two.tex', 9)]),
]

test('sections of one name are two nodes, and labels are shown on demand', () => {
  const { nodes, entries } = outlineNodes(outline, false)
  expect(nodes.map((node) => node.children?.map((child) => child.label))).toEqual([['Figure'], ['Same', 'Same']])
  expect(entries.size).toBe(5)
  expect(outlineNodes(outline, true).entries.size).toBe(6)
})

test('the entry of a place is the last that began in its file', () => {
  const { entries } = outlineNodes(outline, false)
  expect(entryAt(entries, 'two.tex', 7)).toBe('/section:Two/subsection:Same')
  expect(entryAt(entries, 'main.tex', 2)).toBeNull()
  expect(entryAt(entries, 'main.tex', 100)).toBe('/section:One/figure:Figure')
})
