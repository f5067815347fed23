// The version of a file that is compared with the present text, in place of the editor.
import { create } from 'zustand'
import type { ProjectPath } from '../ipc/generated'

/** A version: the update after which the file was so. */
export type Compared = { path: ProjectPath; at: number }

export const useComparison = create<{ compared: Compared | null }>(() => ({ compared: null }))

export function compareWith(compared: Compared | null): void {
  useComparison.setState({ compared })
}
