// The PDF, out of Quire.
import { showToast } from '../../design/toasts'
import { commands } from '../../ipc/generated'
import { choosePlace, printPages } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { useProject } from '../../state/project'

/** Saves a copy where the author wants it. */
export async function savePdf(): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    const place = await choosePlace('Save the PDF', `${open.name.replaceAll(/[/\\:]/g, '-')}.pdf`, [{ name: 'PDF', extensions: ['pdf'] }])
    if (place === null) return
    await commands.savePdf({ project: open.id, place })
    showToast({ tone: 'success', title: 'The PDF is saved.', detail: place })
  }, 'The PDF cannot be saved.')
}

/** Prints the pages. */
export async function printPdf(): Promise<void> {
  const open = useProject.getState().open
  if (open !== null) await attempt(() => printPages(open.id, open.name), 'The pages cannot be printed.')
}
