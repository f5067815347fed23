// Makes a file what it was: an edit like any other, which can be taken back.
import { showToast } from '../../design/toasts'
import { commands, type ProjectId, type ProjectPath, type TextVersion } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { compareWith } from '../../state/comparison'
import { flushDocuments } from '../../state/documents'
import { nameOf } from '../../state/paths'
import { goToFile } from '../../state/project'

export async function restoreVersion(project: ProjectId, path: ProjectPath, version: TextVersion, when: string): Promise<void> {
  await attempt(async () => {
    await flushDocuments()
    const before = await commands.restoreText({ project, path, version })
    compareWith(null)
    goToFile(path)
    showToast({
      tone: 'success',
      title: `${nameOf(path)} is as it was: ${when}.`,
      detail: 'What it was before is in the history.',
      action: { label: 'Undo', run: () => void attempt(() => commands.restoreText({ project, path, version: before })) },
    })
  }, 'This version cannot be restored.')
}
