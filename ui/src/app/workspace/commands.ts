// The panes of the editor, for commands that come from elsewhere.
import { useProject } from '../../state/project'
import type { EditorHandle } from '../../features/editor/EditorPane'

const panes = new Map<number, () => EditorHandle | null>()

/** A pane is there until the returned function is called. */
export function registerPane(index: number, handle: () => EditorHandle | null): () => void {
  panes.set(index, handle)
  return () => {
    if (panes.get(index) === handle) panes.delete(index)
  }
}

/** The editor that has, or last had, the focus. */
export function focusedEditor(): EditorHandle | null {
  const focused = useProject.getState().open?.panes.focused ?? 0
  return panes.get(focused)?.() ?? null
}
