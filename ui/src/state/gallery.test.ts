import { expect, it } from 'vitest'
import type { ProjectCard } from '../ipc/generated'
import { cleanTags, keepSame, sorted } from './gallery'

const card = (name: string, created: number): ProjectCard => ({
  id: name, name, opened: 0, created, since: 0, tags: [], folder: null, folderMissing: false, page: null,
})

it('sorts by name as people do, by age, or as they were opened', () => {
  const cards = [card('Paper 10', 1), card('paper 2', 3), card('Äther', 2)]
  const names = (sort: 'opened' | 'name' | 'created') => sorted(cards, sort).map(({ name }) => name)
  expect(names('name')).toEqual(['Äther', 'paper 2', 'Paper 10'])
  expect(names('created')).toEqual(['paper 2', 'Äther', 'Paper 10'])
  expect(names('opened')).toEqual(['Paper 10', 'paper 2', 'Äther'])
})

it('takes a tag once, whatever its case', () => {
  expect(cleanTags([' Thesis ', 'thesis', '', 'a  b'])).toEqual(['a b', 'thesis'])
})

it('keeps the cards that are as they were, and only those', () => {
  const shown = [card('a', 1), card('b', 2)]
  const next = keepSame(shown, [card('new', 3), { ...card('a', 1), tags: ['science'] }, card('b', 2)])
  expect(next.map((each) => shown.indexOf(each))).toEqual([-1, -1, 1])
  expect(next[1]?.tags).toEqual(['science'])
})
