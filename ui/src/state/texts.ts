// Which texts changed: features that show something about texts look again when the number has grown.
import { create } from 'zustand'
import type { ProjectPath } from '../ipc/generated'

export const useTexts = create<{
  /** Grows with every edit of an open text, whoever made it. */
  version: number
  /** The text that changed last. */
  path: ProjectPath | null
}>(() => ({ version: 0, path: null }))

export function textChanged(path: ProjectPath): void {
  useTexts.setState(({ version }) => ({ version: version + 1, path }))
}
