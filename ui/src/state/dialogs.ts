// Which of the window's dialogs is open. One at a time.
import { create } from 'zustand'

/** A page of the settings. */
export type SettingsPage = 'appearance' | 'editing' | 'building' | 'project'

export type OpenDialog =
  | { type: 'none' }
  | { type: 'newProject' }
  | { type: 'settings'; page: SettingsPage }
  | { type: 'trash' }
  /** Who comments, asked with the first comment. */
  | { type: 'author' }
  /** Who shares the open project. */
  | { type: 'share' }
  /** One's projects at the relays. */
  | { type: 'relay' }
  /** Coming into a project by a link. */
  | { type: 'join' }
  /** Whether the open project's document may run programs, for a build with an engine. */
  | { type: 'programs'; engine: string }
  /** What is missing for the engines of TeX Live. */
  | { type: 'texLive'; what: string; advice: string }
  /** The window was to be closed, and something of these projects is not on the disk. */
  | { type: 'unsaved'; projects: readonly string[] }

export const useDialogs = create<{ dialog: OpenDialog }>(() => ({ dialog: { type: 'none' } }))

export function openDialog(dialog: OpenDialog): void {
  useDialogs.setState({ dialog })
}

export function openSettings(page: SettingsPage = 'appearance'): void {
  openDialog({ type: 'settings', page })
}

export function closeDialog(): void {
  openDialog({ type: 'none' })
}
