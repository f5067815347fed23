import { describe, expect, test } from 'vitest'
import { fuzzyMatch } from './fuzzy'
import { paletteHits, type PaletteItem, paletteMode, parseLine } from './palette'

const item = (label: string, detail?: string): PaletteItem => ({ id: label, label, detail, run: () => {} })
const found = (labels: string[], query: string, recent: string[] = []) =>
  paletteHits(labels.map((label) => item(label)), query, recent).map((hit) => hit.item.label)

describe('fuzzy matching', () => {
  test('letters match in their order only', () => {
    expect(fuzzyMatch('abc', 'a-b-c')?.positions).toEqual([0, 2, 4])
    expect(fuzzyMatch('cba', 'a-b-c')).toBeNull()
  })
  test('starts of words are better than the first that fits', () => {
    expect(fuzzyMatch('in', 'main/intro.tex')?.positions).toEqual([5, 6])
    expect(fuzzyMatch('tf', 'latexToFile')?.positions).toEqual([5, 7])
  })
  test('neighbours are better than scattered letters', () => {
    expect(found(['r-e-f-s.bib', 'refs.bib'], 'refs')).toEqual(['refs.bib', 'r-e-f-s.bib'])
  })
  test('positions count UTF-16 units', () => {
    expect(fuzzyMatch('x', '😀x')?.positions).toEqual([2])
  })
})

test('the first letter chooses what is looked for', () => {
  expect(paletteMode('>bld')).toEqual({ mode: 'commands', query: 'bld' })
  expect(paletteMode('@ intro')).toEqual({ mode: 'symbols', query: 'intro' })
  expect(paletteMode(':12')).toEqual({ mode: 'line', query: '12' })
  expect(paletteMode('main')).toEqual({ mode: 'files', query: 'main' })
})

test.each([
  ['12', { line: 12, column: 1 }],
  ['12:5', { line: 12, column: 5 }],
  ['0', null],
  ['x', null],
])('line %s', (text, place) => expect(parseLine(text)).toEqual(place))

test('with nothing typed recent items come first, the rest in their order', () => {
  expect(found(['a', 'b', 'c', 'd'], '', ['d', 'b'])).toEqual(['d', 'b', 'a', 'c'])
})

test('a recent item does not hide a much better one', () => {
  expect(found(['xmaxixn', 'main.tex'], 'main', ['xmaxixn'])[0]).toBe('main.tex')
})

test('what is only found in the detail comes behind', () => {
  const hits = paletteHits([item('Build', 'latex'), item('latexmk')], 'latex', [])
  expect(hits.map((hit) => hit.item.label)).toEqual(['latexmk', 'Build'])
})
