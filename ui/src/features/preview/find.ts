// Searching the pages: what is looked for, where it was found, which match one is at.
import { create } from 'zustand'
import { commands, type PageMatch, type ProjectId } from '../../ipc/generated'
import { useProject } from '../../state/project'
import { port } from './port'
import { shownPages } from './shownPages'
import { useView } from './view'

type State = {
  open: boolean
  /** Grows when the field should have the focus. */
  asked: number
  query: string
  matchCase: boolean
  matches: readonly PageMatch[]
  byPage: ReadonlyMap<number, readonly number[]>
  /** Which of the matches, counted from zero. */
  current: number
  status: 'idle' | 'searching' | 'done' | 'failed'
}

const NOTHING = { matches: [], byPage: new Map<number, readonly number[]>(), current: 0 }

export const useFind = create<State>(() => ({
  open: false,
  asked: 0,
  query: '',
  matchCase: false,
  status: 'idle',
  ...NOTHING,
}))

export function openFind(query?: string): void {
  useFind.setState((state) => ({ open: true, asked: state.asked + 1 }))
  if (query !== undefined && query !== '') changeFind({ query })
  else if (useFind.getState().query !== '') void search(false)
}

export function closeFind(): void {
  useFind.setState({ open: false, status: 'idle', ...NOTHING })
  port.focus()
}

/** While letters are typed, one search is enough. */
const PAUSE_MS = 120
let pause: ReturnType<typeof setTimeout> | undefined

export function changeFind(change: { query: string } | { matchCase: boolean }): void {
  useFind.setState(change)
  clearTimeout(pause)
  pause = setTimeout(() => void search(true), PAUSE_MS)
}

/** Pages that follow the text are searched when they have rested for so long. */
const RESTED_MS = 300

/** Other pages are shown, or such as may soon change again: look there, and stay where one is. The function returned cancels. */
export function pagesChanged(areLive: boolean): () => void {
  if (!useFind.getState().open) return () => {}
  const timer = setTimeout(() => void search(false), areLive ? RESTED_MS : 0)
  return () => clearTimeout(timer)
}

let searches = 0

async function find(project: ProjectId, query: string, matchCase: boolean): Promise<readonly PageMatch[]> {
  const pages = shownPages()
  try {
    return await commands.findOnPages({ project, pages, query, matchCase })
  } catch (error) {
    // Live pages have changed meanwhile, which looks again, or are no more: then the build's are what there is.
    if (pages.live.length === 0) throw error
    return await commands.findOnPages({ project, pages: { ...pages, live: [] }, query, matchCase })
  }
}

async function search(go: boolean): Promise<void> {
  const { query, matchCase } = useFind.getState()
  const open = useProject.getState().open
  searches += 1
  const mine = searches
  if (open === null || open.preview === null || query.trim() === '') {
    useFind.setState({ status: 'idle', ...NOTHING })
    return
  }
  useFind.setState({ status: 'searching' })
  try {
    const matches = await find(open.id, query, matchCase)
    if (mine !== searches || !useFind.getState().open) return
    const byPage = new Map<number, number[]>()
    matches.forEach(({ page }, index) => {
      const list = byPage.get(page)
      if (list === undefined) byPage.set(page, [index])
      else list.push(index)
    })
    const here = useView.getState().page
    const old = useFind.getState().current
    const next = matches.findIndex(({ page }) => page >= here)
    const current = go ? Math.max(0, next) : Math.min(old, Math.max(0, matches.length - 1))
    useFind.setState({ matches, byPage, current, status: 'done' })
    if (go) reveal(current)
  } catch {
    // The pages were replaced meanwhile: those that came search again.
    if (mine === searches) useFind.setState({ status: 'failed', ...NOTHING })
  }
}

/** To the next match or the one before; behind the last comes the first. */
export function step(direction: 1 | -1): void {
  const { matches, current } = useFind.getState()
  if (matches.length === 0) return
  const next = (current + direction + matches.length) % matches.length
  useFind.setState({ current: next })
  reveal(next)
}

function reveal(index: number): void {
  const match = useFind.getState().matches[index]
  const [bounds] = match?.bounds ?? []
  if (match !== undefined && bounds !== undefined) port.reveal(match.page, bounds)
}
