// What the window shows: the gallery, a project, or only the pages of one.
import { create } from 'zustand'
import type { Theme } from '../design/theme'
import type { ProjectId } from '../ipc/generated'

export type Screen =
  | { type: 'starting' }
  | { type: 'gallery' }
  | { type: 'project'; project: ProjectId }
  | { type: 'pages'; project: ProjectId }

type State = {
  screen: Screen
  /** The theme that is shown. */
  theme: Theme
  /** Grows when the list of projects may have changed. */
  galleryVersion: number
  version: string
  /** The name that the system has for its user. */
  user: string
  /** What is missing of the installation. */
  missing: readonly string[]
}

export const useSession = create<State>(() => ({
  screen: { type: 'starting' },
  theme: 'light',
  galleryVersion: 0,
  version: '',
  user: '',
  missing: [],
}))

export function show(screen: Screen): void {
  useSession.setState({ screen })
}

export function galleryChanged(): void {
  useSession.setState((state) => ({ galleryVersion: state.galleryVersion + 1 }))
}
