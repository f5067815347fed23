import { expect, it } from 'vitest'
import { type LivePage } from '../../state/project'
import { pagesShown } from './shownPages'

const tall = { width: 612, height: 792 }
const wide = { width: 792, height: 612 }
const live = (...pages: [page: number, revision: number, size?: typeof tall][]): ReadonlyMap<number, LivePage> =>
  new Map(pages.map(([page, revision, size = tall]) => [page, { version: revision, revision, size, patch: null }]))

it('is what the build has, while nothing has changed, or only words', () => {
  expect(pagesShown([tall, tall], new Map(), null)).toEqual([tall, tall])
  const [first] = pagesShown([tall, tall], live([0, 3, { width: 612.005, height: 792 }]), { pages: 2, revision: 3 })
  expect(first).toBe(tall)
})

it('has a page as soon as it is shipped, of its own size, and until a run ends without it', () => {
  expect(pagesShown([tall], live([1, 3, wide]), null)).toEqual([tall, wide])
  expect(pagesShown([tall], live([1, 3, wide]), { pages: 2, revision: 3 })).toEqual([tall, wide])
  expect(pagesShown([tall], live([1, 3, wide]), { pages: 1, revision: 4 })).toEqual([tall])
  // The next run is still on.
  expect(pagesShown([tall], live([1, 5, wide]), { pages: 1, revision: 4 })).toEqual([tall, wide])
})

it('loses pages of the build that the text does not have any more', () => {
  expect(pagesShown([tall, tall, tall], live([0, 3]), { pages: 1, revision: 3 })).toEqual([tall])
})

it('leaves out a page of which nothing is known yet', () => {
  expect(pagesShown([tall], live([2, 3]), { pages: 3, revision: 3 })).toEqual([tall])
})
