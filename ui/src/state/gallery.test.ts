import { expect, it, vi } from 'vitest'
import { commands, type ProjectCard } from '../ipc/generated'
import { cleanTags, copyName, keepSame, leaveGallery, loadGallery, showShelf, sorted, useGallery } from './gallery'

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

it('names copies so that each can be told from the others', () => {
  const names = (...list: string[]) => list.map((name) => card(name, 0))
  expect(copyName('Paper', names('Paper'))).toBe('Paper copy')
  expect(copyName('Paper', names('Paper', 'Paper copy'))).toBe('Paper copy 2')
  expect(copyName('Paper copy', names('Paper', 'Paper copy', 'Paper copy 2'))).toBe('Paper copy 3')
})

it('finds in texts only of projects with the tag that is asked for', async () => {
  const page = { projects: [card('a', 1)], tags: [], counts: { active: 2, archived: 0, trashed: 0 } }
  vi.spyOn(commands, 'listProjects').mockResolvedValue(page)
  vi.spyOn(commands, 'searchEverywhere').mockResolvedValue(['a', 'b'].map((project) => ({ project, name: project, places: [] })))
  useGallery.setState({ search: 'zebra', tag: 'thesis', shelf: 'active' })
  await loadGallery()
  expect(useGallery.getState().found.map(({ project }) => project)).toEqual(['a'])
})

it('knows whether there are projects while another shelf is loaded, and forgets only that there were none', async () => {
  const page = (active: number) => ({ projects: [], tags: [], counts: { active, archived: 0, trashed: 0 } })
  const list = vi.spyOn(commands, 'listProjects').mockResolvedValue(page(2))
  useGallery.setState({ search: '', tag: null, counts: null })
  await loadGallery()
  showShelf('trashed')
  leaveGallery()
  expect(useGallery.getState().counts?.active).toBe(2)
  list.mockResolvedValue(page(0))
  await loadGallery()
  expect(useGallery.getState().counts?.active).toBe(0)
  leaveGallery()
  expect(useGallery.getState().counts).toBeNull()
})
