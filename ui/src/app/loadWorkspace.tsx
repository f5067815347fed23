// The workspace with Monaco is most of the window's JavaScript: it comes by itself, while the project is opened. The
// gallery and windows of pages do not wait for it.
import type { ReactNode } from 'react'
import { create } from 'zustand'
import { attempt } from '../state/attempt'
import { documentsReady } from '../state/documents'

/** The workspace, once it is loaded. Not React's `lazy`: what that waited for it renders in slices, which takes longer. */
export const useWorkspace = create<{ workspace: ReactNode }>(() => ({ workspace: null }))

/** A window without a text is better than none. */
const PATIENCE_MS = 80

let loading: Promise<boolean> | undefined

/** Loads it, once. */
export function loadWorkspace(): void {
  loading ??= attempt(async () => {
    const { Workspace } = await import('./workspace/Workspace')
    // The text is on its way since before; with it the window is drawn once, without it twice.
    await Promise.race([documentsReady(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
    useWorkspace.setState({ workspace: <Workspace /> })
  }, 'Quire cannot show projects.')
}

/** Loads it when nothing else is to be done: the author is going to open a project. */
export function loadWorkspaceLater(): void {
  const AFTER_MS = 400
  setTimeout(loadWorkspace, AFTER_MS)
}
