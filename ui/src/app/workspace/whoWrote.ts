// Who wrote what is selected, or the line: asked in the editor, and from there to the history.
import type { ProjectPath, TextVersion } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { compareWith } from '../../state/comparison'
import { activeFile, goToFile, useProject } from '../../state/project'
import { findEntry } from '../../state/timeline'
import { showToast } from '../../design/toasts'
import { askWhoWrote } from '../../features/history/whoWrote'
import { focusedEditor } from './commands'
import { useEditing } from './editing'
import { showSidebar } from './sidebarView'

/** Asks who wrote what is selected in the editor; the line of the cursor, when nothing is. */
export function whoWroteSelection(): void {
  const path = activeFile()
  const project = useProject.getState().open?.id
  const document = path === null ? undefined : useEditing.getState().ready.get(path)
  const selection = focusedEditor()?.selection() ?? null
  if (project === undefined || path === null || document === undefined || selection === null) return
  const { start, end } = selection
  const isEmpty = start.line === end.line && start.column === end.column
  const offsetOf = (lineNumber: number, column: number) => document.binding.textOffsetAt({ lineNumber, column })
  const from = isEmpty ? offsetOf(start.line, 1) : offsetOf(start.line, start.column)
  const to = isEmpty ? offsetOf(end.line, document.model.getLineMaxColumn(end.line)) : offsetOf(end.line, end.column)
  void askWhoWrote(project, path, from, to, isEmpty ? `line ${start.line}` : 'the selection')
}

/** Shows a version in the history, beside the present text. */
export async function jumpToVersion(path: ProjectPath, version: TextVersion): Promise<void> {
  const project = useProject.getState().open?.id
  if (project === undefined) return
  await attempt(async () => {
    goToFile(path)
    showSidebar('history')
    const entry = await findEntry(project, path, version)
    if (entry === null) showToast({ title: 'This version is not in the history that can be seen now.' })
    else compareWith({ path, version: entry.version, other: null })
  }, 'This version cannot be shown.')
}
