// The cursor that the author sees.
import { activeFile, type OpenProject, useProject } from './project'

/** Where the cursor is in the text that has the focus; null where that is no text, or none is open. */
export function activeCursor(): OpenProject['cursor'] {
  const cursor = useProject.getState().open?.cursor ?? null
  return cursor?.path === activeFile() ? cursor : null
}
