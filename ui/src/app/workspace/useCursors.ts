// Joins a pane of the editor to the cursors of co-authors, while the project is shared.
import { useEffect, useRef } from 'react'
import { documentOf } from '../../state/documents'
import { follow, useOpenSharing, useSharing } from '../../state/sharing'
import { useProject } from '../../state/project'
import type { SharedCursors } from '../../features/editor/cursors'
import type { EditorDocument } from '../../features/editor/documents'
import type { EditorHandle } from '../../features/editor/EditorPane'

const WISHES = {
  following: () => useSharing.getState().following,
  leave: () => {
    if (useSharing.getState().following !== null) follow(null)
  },
}

/** `isActive`: the author's cursor is in this pane. */
export function useCursors(document: EditorDocument | undefined, handle: EditorHandle | null, isActive: boolean): void {
  const project = useProject((state) => state.open?.id)
  const isShared = useOpenSharing() !== null
  const jump = useSharing((state) => state.jump)
  const cursors = useRef<SharedCursors | null>(null)
  const done = useRef(0)

  // The cursors of one text in one pane.
  useEffect(() => {
    if (!isShared || project === undefined || document === undefined || handle === null) return
    const shown = handle.showCursors(document, documentOf(project, document.path).meet(), WISHES)
    cursors.current = shown
    return () => {
      cursors.current = null
      shown.dispose()
    }
  }, [isShared, project, document, handle])

  // One's own cursor is where one writes.
  useEffect(() => cursors.current?.setActive(isActive), [isActive, isShared, document, handle])

  // Somebody to go to, once; he may be seen a moment after his text.
  useEffect(() => {
    if (jump === null || !isActive || done.current === jump.number) return
    const go = () => {
      if (cursors.current?.goTo(jump.user) !== true) return false
      done.current = jump.number
      return true
    }
    if (go()) return
    const timer = setInterval(() => {
      if (go()) clearInterval(timer)
    }, 100)
    const ended = setTimeout(() => clearInterval(timer), 3000)
    return () => {
      clearInterval(timer)
      clearTimeout(ended)
    }
  }, [jump, isActive, document, handle, isShared])
}
