import { beforeEach, expect, it } from 'vitest'
import type { PreviewInfo } from '../../ipc/generated'
import { type LivePage, type OpenProject, takeEvent, useProject } from '../../state/project'
import { moveOfRead, pagesShown, shownPages, sourceOf, useShown } from './shownPages'

const tall = { width: 612, height: 792 }
const wide = { width: 792, height: 612 }

function livePage(revision: number, size = tall, cameFrom: number | null = null): LivePage {
  return { version: revision, revision, size, cameFrom, patches: [] }
}

const live = (...pages: [page: number, revision: number, size?: typeof tall][]): ReadonlyMap<number, LivePage> =>
  new Map(pages.map(([page, revision, size]) => [page, livePage(revision, size)]))

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

/** Pages that a run tells of, each with where it came from. */
const told = (...pages: [page: number, cameFrom: number | null][]): ReadonlyMap<number, LivePage> =>
  new Map(pages.map(([page, cameFrom]) => [page, livePage(3, tall, cameFrom)]))

it('waits for the page that says what was read, when another takes its place', () => {
  const period = { since: 2, by: 0 }
  expect(moveOfRead(told([2, null], [3, 2]), null, period, 20)).toBe(0)
  expect(moveOfRead(told([19, 18], [20, 19]), null, period, 20)).toBe('wait')
  expect(moveOfRead(told([19, 18], [20, 19], [21, 20]), null, period, 20)).toBe(1)
  // There it stays, whatever comes behind it.
  expect(moveOfRead(told([20, 19], [21, 20], [22, 21]), null, { since: 2, by: 1 }, 21)).toBe(0)
})

it('follows what was read to the page before, once its own page is another', () => {
  const period = { since: 2, by: 0 }
  expect(moveOfRead(told([18, 19], [19, 20]), null, period, 20)).toBe(0)
  expect(moveOfRead(told([18, 19], [19, 20], [20, 21]), null, period, 20)).toBe(-1)
  expect(moveOfRead(told([19, 20]), { pages: 20, revision: 3 }, period, 20)).toBe(-1)
})

it('does not wait for what the text does not have any more, nor for what is written on', () => {
  const period = { since: 2, by: 0 }
  expect(moveOfRead(told([20, 21]), { pages: 40, revision: 3 }, period, 20)).toBe(0)
  expect(moveOfRead(told([20, 20], [21, 20]), null, period, 20)).toBe(0)
  expect(moveOfRead(told([20, null], [21, 20]), null, period, 20)).toBe(0)
  // Of a run before.
  expect(moveOfRead(told([20, 19]), null, { since: 3, by: 0 }, 20)).toBe(0)
})

const preview = (pages: number, revision: number): PreviewInfo => ({
  number: revision,
  pages: Array.from({ length: pages }, () => tall),
  root: 'a.tex',
  revision,
})

beforeEach(() => {
  useProject.setState({ open: null })
  const open: Partial<OpenProject> = { id: 'p', preview: preview(2, 1), live: new Map(), liveCount: null }
  useProject.setState({ open: open as OpenProject })
})

it('tells of each page whose it is, and takes a build without another set of sizes', () => {
  const sizes = useShown.getState().pages
  takeEvent({ type: 'livePages', project: 'p', revision: 2, pages: [{ page: 1, version: 7, size: tall, cameFrom: 1, patches: [] }] })
  expect([sourceOf(0), sourceOf(1)]).toEqual([{ build: 1 }, { live: 7 }])
  expect(shownPages()).toEqual({ number: 1, count: 2, live: [{ page: 1, version: 7 }] })
  takeEvent({ type: 'liveCount', project: 'p', revision: 2, pages: 2 })
  takeEvent({ type: 'previewChanged', project: 'p', preview: preview(2, 2) })
  expect(sourceOf(1)).toEqual({ build: 2 })
  expect(useShown.getState().pages).toBe(sizes)
  takeEvent({ type: 'liveCount', project: 'p', revision: 3, pages: 1 })
  expect(useShown.getState().pages).toHaveLength(1)
  useProject.setState({ open: null })
  expect(useShown.getState().preview).toBeNull()
})
