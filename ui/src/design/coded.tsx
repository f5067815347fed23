// Texts of the application in which code stands between backticks.
import type { ReactNode } from 'react'

/** The text with its code set as code. */
export function coded(text: string): ReactNode {
  const parts = text.split(/`([^`]+)`/)
  return parts.length === 1 ? text : parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}
