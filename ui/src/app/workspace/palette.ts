// Whether the command palette is open, and with what it begins.
import { create } from 'zustand'
import type { PaletteMode } from '../../design/palette'

type State = { open: boolean; mode: PaletteMode; recent: readonly string[] }

export const usePalette = create<State>(() => ({ open: false, mode: 'files', recent: [] }))

export function openPalette(mode: PaletteMode): void {
  usePalette.setState({ open: true, mode })
}

export function closePalette(): void {
  usePalette.setState({ open: false })
}

/** The last things chosen come first. */
export function usedInPalette(id: string): void {
  usePalette.setState((state) => ({ recent: [id, ...state.recent.filter((other) => other !== id)].slice(0, 30) }))
}
