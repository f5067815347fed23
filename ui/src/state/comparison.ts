// The version of a file that is compared with the present text, or with another version, in place of the editor.
import { create } from 'zustand'
import type { ProjectPath, TextVersion } from '../ipc/generated'

/** A version beside a later one; beside the present text, if that is null. */
export type Compared = { path: ProjectPath; version: TextVersion; other: TextVersion | null }

export const useComparison = create<{ compared: Compared | null }>(() => ({ compared: null }))

export function compareWith(compared: Compared | null): void {
  useComparison.setState({ compared })
}
