// Places that are marked for a moment: where a line of the source went.
import { create } from 'zustand'
import type { PageArea } from '../../ipc/generated'
import { port } from './port'

/** Long enough to be found, then it fades (preview.css has the same time). */
const MARK_MS = 2400

export const useMarks = create<{ number: number; areas: readonly PageArea[] }>(() => ({ number: 0, areas: [] }))

let fading: ReturnType<typeof setTimeout> | undefined

/** Goes there and marks it. */
export function mark(areas: readonly PageArea[]): void {
  const [first] = areas
  if (first === undefined) return
  useMarks.setState(({ number }) => ({ number: number + 1, areas }))
  port.reveal(first.page, first)
  clearTimeout(fading)
  fading = setTimeout(() => useMarks.setState({ areas: [] }), MARK_MS)
}
