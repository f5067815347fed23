// What the panel of comments and suggestions shows, beside the discussion itself.
import { create } from 'zustand'
import type { Anchor, Place } from '../../state/discussion/anchors'

/** Comments of the file that is edited, or of all. */
export type Scope = 'file' | 'project'
/** What the panel shows. */
export type ReviewTab = 'comments' | 'suggestions' | 'chat'

/** Where a comment or suggestion is in a text that is open. */
export type ReviewPlace = Place & { line: number; isPartlyGone?: boolean }

type State = {
  tab: ReviewTab
  scope: Scope
  /** A comment that is being written; `number` tells it from the one before. */
  draft: { number: number; document: string; anchor: Anchor } | null
  /** Where comments and suggestions are in the texts that are open: offsets and line. */
  places: ReadonlyMap<string, ReviewPlace>
  /** When the panel was shown. */
  shownAt: number
  /** The message of the chat that one came for. */
  message: string | null
}

export const useReview = create<State>(() => ({ tab: 'comments', scope: 'file', draft: null, places: new Map(), shownAt: Date.now(), message: null }))

/** Shows a part of the panel. */
export function showTab(tab: ReviewTab): void {
  useReview.setState({ tab, shownAt: Date.now(), message: null })
}
