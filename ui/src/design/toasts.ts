// The messages at the window's edge. `showToast` from anywhere; `ToastRegion` stands once in the window.
import { create } from 'zustand'
import type { Tone } from './Badge'

/** A message with at most one thing to do about it. */
export type Toast = {
  id: number
  tone: Tone
  title: string
  detail?: string | undefined
  action?: { label: string; run: () => void } | undefined
  /** How long it stays; null: until it is closed, as errors do. */
  durationMs: number | null
}

const MOST_AT_ONCE = 4

/** The messages shown now, oldest first. */
export const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }))

let lastId = 0

/** Shows a message; returns its id. The same title twice is shown once. */
export function showToast(toast: Omit<Toast, 'id' | 'durationMs' | 'tone'> & Partial<Pick<Toast, 'durationMs' | 'tone'>>): number {
  lastId += 1
  const id = lastId
  const tone = toast.tone ?? 'neutral'
  const durationMs = toast.durationMs === undefined ? (tone === 'danger' ? null : 6000) : toast.durationMs
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter((other) => other.title !== toast.title), { ...toast, tone, durationMs, id }].slice(-MOST_AT_ONCE),
  }))
  return id
}

/** Takes a message away. */
export function closeToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))
}
