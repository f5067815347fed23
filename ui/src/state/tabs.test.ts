import { describe, expect, it } from 'vitest'
import { closeTab, dropFile, keepTab, moveTab, NO_TABS, openTab, renameTab, toggleSplit } from './tabs'

const tabs = (...paths: string[]) => paths.reduce((all, path) => openTab(all, path, true), NO_TABS)
const shown = (all: typeof NO_TABS) => all.panes.map((pane) => `${pane.tabs.join(' ')} | ${pane.active ?? '-'}`)

describe('tabs', () => {
  it('lets a file that is only looked at be replaced by the next', () => {
    const looked = openTab(openTab(tabs('a'), 'b', false), 'c', false)
    expect(shown(looked)).toEqual(['a c | c'])
    expect(shown(openTab(keepTab(looked, 'c'), 'd', false))).toEqual(['a c d | d'])
  })

  it('shows the neighbour of a tab that is closed', () => {
    expect(shown(closeTab(openTab(tabs('a', 'b', 'c'), 'b', true), 0, 'b'))).toEqual(['a c | c'])
    expect(shown(closeTab(tabs('a'), 0, 'a'))).toEqual([' | -'])
  })

  it('takes the second pane away with its last tab', () => {
    const split = toggleSplit(tabs('a', 'b'))
    expect(shown(split)).toEqual(['a b | b', 'b | b'])
    expect(shown(closeTab(split, 1, 'b'))).toEqual(['a b | b'])
    expect(shown(dropFile(split, 'b'))).toEqual(['a | a'])
    expect(shown(toggleSplit(split))).toEqual(['a b | b'])
  })

  it('follows renames and moves', () => {
    expect(shown(renameTab(tabs('a', 'b'), 'b', 'c'))).toEqual(['a c | c'])
    expect(shown(moveTab(tabs('a', 'b', 'c'), 0, 'c', 0))).toEqual(['c a b | c'])
  })
})
