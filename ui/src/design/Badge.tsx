import type { ReactNode } from 'react'
import './controls.css'

/** What a colour of a badge, toast or notice stands for. */
export type Tone = 'neutral' | 'accent' | 'info' | 'success' | 'warning' | 'danger'

/** A short count or state beside a name. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone | undefined; children: ReactNode }) {
  return <span className={`q-badge q-tone-${tone}`}>{children}</span>
}
