import { describe, expect, test } from 'vitest'
import { mayMove, rowsBetween, treeKey, type TreeNode, typeAhead, visibleRows } from './treeModel'

const NODES: TreeNode[] = [
  {
    id: 'chapters',
    label: 'chapters',
    children: [
      { id: 'one', label: 'one.tex' },
      { id: 'deep', label: 'deep', children: [{ id: 'inner', label: 'inner.tex' }] },
    ],
  },
  { id: 'empty', label: 'empty', children: [] },
  { id: 'main', label: 'main.tex' },
]
const open = (...ids: string[]) => visibleRows(NODES, new Set(ids))
const none = new Set<string>()
const names = (rows: ReturnType<typeof open>) => rows.map((row) => `${'  '.repeat(row.level - 1)}${row.node.id}`)

describe('rows in sight', () => {
  test('closed branches hide what they hold', () => {
    expect(names(open())).toEqual(['chapters', 'empty', 'main'])
    expect(names(open('chapters', 'deep'))).toEqual(['chapters', '  one', '  deep', '    inner', 'empty', 'main'])
  })
  test('each row knows its place among its siblings', () => {
    const inner = open('chapters').find((row) => row.node.id === 'deep')
    expect(inner).toMatchObject({ level: 2, parent: 'chapters', position: 2, setSize: 2, expanded: false })
  })
})

describe('keys', () => {
  test.each([
    ['ArrowDown', 'chapters', { kind: 'focus', id: 'one', extend: false }],
    ['ArrowUp', 'chapters', null],
    ['ArrowDown', 'main', null],
    ['End', 'one', { kind: 'focus', id: 'main', extend: false }],
    ['ArrowRight', 'deep', { kind: 'expand', id: 'deep' }],
    ['ArrowRight', 'chapters', { kind: 'focus', id: 'one', extend: false }],
    ['ArrowRight', 'main', null],
    ['ArrowLeft', 'chapters', { kind: 'collapse', id: 'chapters' }],
    ['ArrowLeft', 'one', { kind: 'focus', id: 'chapters', extend: false }],
    ['Enter', 'main', { kind: 'open', id: 'main' }],
    ['Enter', 'deep', { kind: 'expand', id: 'deep' }],
    ['*', 'main', { kind: 'expand-siblings', ids: ['empty'] }],
    ['F2', 'main', { kind: 'rename', id: 'main' }],
    ['q', 'main', null],
  ])('%s on %s', (key, focused, action) => {
    expect(treeKey(open('chapters'), focused, none, { key })).toEqual(action)
  })
  test('an open branch without children has nothing to go into', () => {
    expect(treeKey(open('empty'), 'empty', none, { key: 'ArrowRight' })).toBeNull()
  })
  test('shift extends, control-a takes all, delete takes the selection if the focus is in it', () => {
    expect(treeKey(open(), 'empty', none, { key: 'ArrowDown', shiftKey: true })).toEqual({ kind: 'focus', id: 'main', extend: true })
    expect(treeKey(open(), 'empty', none, { key: 'a', ctrlKey: true })).toEqual({ kind: 'select-all' })
    const selected = new Set(['main', 'empty'])
    expect(treeKey(open(), 'main', selected, { key: 'Delete' })).toEqual({ kind: 'delete', ids: ['main', 'empty'] })
    expect(treeKey(open(), 'chapters', selected, { key: 'Delete' })).toEqual({ kind: 'delete', ids: ['chapters'] })
  })
})

test('typed letters lead to the next row that begins so, around the end', () => {
  expect(typeAhead(open('chapters'), 'main', 'o')).toBe('one')
  expect(typeAhead(open('chapters'), 'main', 'ma')).toBe('main')
  expect(typeAhead(open('chapters'), 'main', 'z')).toBeNull()
})

test('a range runs either way', () => {
  expect(rowsBetween(open('chapters'), 'empty', 'one')).toEqual(['one', 'deep', 'empty'])
})

test('nothing moves into itself, into what it holds, or where it is', () => {
  expect(mayMove(NODES, ['chapters'], 'deep')).toBe(false)
  expect(mayMove(NODES, ['chapters'], 'chapters')).toBe(false)
  expect(mayMove(NODES, ['one'], 'chapters')).toBe(false)
  expect(mayMove(NODES, ['one', 'main'], 'chapters')).toBe(true)
  expect(mayMove(NODES, ['one'], null)).toBe(true)
})
