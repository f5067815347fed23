import { expect, it } from 'vitest'
import type { ProjectCard } from '../ipc/generated'
import { cleanTags, sorted } from './gallery'

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
