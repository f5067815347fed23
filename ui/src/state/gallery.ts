// What the gallery shows, and what is done with projects as a whole.
import { create } from 'zustand'
import { closeToast, showToast } from '../design/toasts'
import { commands, type FoundPlace, type FoundProject, type GalleryPage, type ProjectCard, type ProjectId, type Shelf } from '../ipc/generated'
import { chooseFolder } from '../ipc/system'
import { attempt } from './attempt'
import { importPlaces } from './exchange'
import { openProject, revealSource } from './project'
import type { GallerySort } from './settings'

type State = {
  shelf: Shelf
  search: string
  tag: string | null
  /** What there is to show; null before the shelf's first answer. */
  page: GalleryPage | null
  /** How many projects each shelf has; null before it is known whether there are any. */
  counts: GalleryPage['counts'] | null
  /** Projects whose texts hold what is searched for. */
  found: readonly FoundProject[]
  /** The time that “two hours ago” is counted from. */
  now: number
}

export const useGallery = create<State>(() => ({ shelf: 'active', search: '', tag: null, page: null, counts: null, found: [], now: Date.now() }))

let asked = 0

/** Asks for what is to be shown. An answer that comes after a later question is dropped. */
export async function loadGallery(): Promise<void> {
  asked += 1
  const number = asked
  const { shelf, search, tag } = useGallery.getState()
  await attempt(async () => {
    const page = await commands.listProjects({ shelf, search, tag })
    if (number === asked) {
      useGallery.setState(({ page: shown }) => ({ page: { ...page, projects: keepSame(shown?.projects ?? [], page.projects) }, counts: page.counts, now: Date.now() }))
    }
    // Shorter words are everywhere.
    const inTexts = shelf === 'active' && search.trim().length >= 3
    const found = inTexts ? await commands.searchEverywhere({ query: search }) : []
    const tagged = found.length > 0 && tag !== null ? new Set((await commands.listProjects({ shelf, search: '', tag })).projects.map(({ id }) => id)) : null
    if (number === asked) useGallery.setState({ found: tagged === null ? found : found.filter(({ project }) => tagged.has(project)) })
  })
}

/** The new cards, each that is as it was being the same object, so that it is not drawn again. */
export function keepSame(shown: readonly ProjectCard[], next: readonly ProjectCard[]): ProjectCard[] {
  const known = new Map(shown.map((card) => [card.id, card]))
  return next.map((card) => {
    const before = known.get(card.id)
    return before !== undefined && JSON.stringify(before) === JSON.stringify(card) ? before : card
  })
}

/** Whether somebody has never had a project here. */
export function hasNothing({ active, archived, trashed }: GalleryPage['counts']): boolean {
  return active + archived + trashed === 0
}

/** Another screen comes. Who leaves the first one of all has a project when he is back. */
export function leaveGallery(): void {
  const { counts } = useGallery.getState()
  if (counts !== null && hasNothing(counts)) useGallery.setState({ counts: null, page: null })
}

export function showShelf(shelf: Shelf): void {
  useGallery.setState({ shelf, tag: null, search: '', page: null, found: [] })
}

/** Opens a project at a line of one of its texts. */
export async function openAt(project: ProjectId, { path, line }: FoundPlace): Promise<void> {
  await openProject(project)
  revealSource(path, { start: { line, column: 1 }, end: { line, column: 1_000_000 } })
}

/** The projects in the order wanted: the application gives the last opened first. */
export function sorted(projects: readonly ProjectCard[], sort: GallerySort): readonly ProjectCard[] {
  if (sort === 'opened') return projects
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })
  if (sort === 'name') return projects.toSorted((a, b) => order.compare(a.name, b.name))
  return projects.toSorted((a, b) => b.created - a.created)
}

/** Words as tags: trimmed, each once, sorted. */
export function cleanTags(tags: readonly string[]): string[] {
  const named = tags.map((tag) => tag.trim().replace(/\s+/g, ' ')).filter((tag) => tag !== '')
  return [...new Map(named.map((tag) => [tag.toLocaleLowerCase(), tag])).values()].toSorted((a, b) => a.localeCompare(b))
}

export async function createProject(name: string, template: string): Promise<boolean> {
  return await attempt(async () => openProject(await commands.createProject({ name, template })), 'The project cannot be made.')
}

export async function renameProject(project: ProjectId, name: string): Promise<void> {
  if (name.trim() !== '') await attempt(() => commands.renameProject({ project, name }), 'It cannot be renamed.')
}

/** What a copy is called; the copy of a copy is one more of the same. */
export function copyName(name: string, projects: readonly ProjectCard[]): string {
  const taken = new Set(projects.map((card) => card.name))
  const stem = `${name.replace(/ copy(?: \d+)?$/, '')} copy`
  let number = 1
  const at = () => (number === 1 ? stem : `${stem} ${number}`)
  while (taken.has(at())) number += 1
  return at()
}

/** Copies a project. One that lives in a folder is copied out of it: two projects must not share a folder. */
export async function duplicateProject(card: ProjectCard): Promise<void> {
  if (card.folder !== null) await importPlaces([card.folder])
  else await attempt(() => commands.duplicateProject({ project: card.id, name: copyName(card.name, useGallery.getState().page?.projects ?? []) }), 'It cannot be copied.')
}

const SHELF_WORDS = { active: 'is back among the projects', archived: 'is in the archive', trashed: 'is in the trash' } as const

/** What was said last of each project's shelf: the next move makes it untrue. */
const said = new Map<ProjectId, number>()

/** Puts a project on another shelf; it can be taken back. */
export async function moveToShelf(card: ProjectCard, shelf: Shelf, from: Shelf): Promise<void> {
  const done = await attempt(() => commands.setShelf({ project: card.id, shelf }))
  if (!done) return
  closeToast(said.get(card.id) ?? 0)
  const id = showToast({
    title: `“${card.name}” ${SHELF_WORDS[shelf]}.`,
    action: {
      label: 'Undo',
      run: () => {
        closeToast(id)
        void attempt(() => commands.setShelf({ project: card.id, shelf: from }))
      },
    },
  })
  said.set(card.id, id)
}

export async function deleteForGood(cards: readonly ProjectCard[]): Promise<void> {
  await attempt(async () => {
    for (const card of cards) {
      await commands.deleteProject({ project: card.id })
      closeToast(said.get(card.id) ?? 0)
    }
  }, 'It cannot be deleted.')
}

export async function setTags(card: ProjectCard, tags: readonly string[]): Promise<void> {
  await attempt(() => commands.setTags({ project: card.id, tags: cleanTags(tags) }))
}

/** Asks where the folder of a linked project is now, and opens it there. */
export async function findFolder(card: ProjectCard): Promise<void> {
  await attempt(async () => {
    const folder = await chooseFolder(`Where is the folder of “${card.name}” now?`)
    if (folder === null) return
    await commands.relink({ project: card.id, folder })
    await openProject(card.id)
  })
}
