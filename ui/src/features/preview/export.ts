// The PDF, out of Quire: of the text as it is now, which the application builds first.
import { printPages } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { flushDocuments } from '../../state/documents'
import { exportProject } from '../../state/exchange'
import { useProject } from '../../state/project'

/** Saves a copy where the author wants it. */
export async function savePdf(): Promise<void> {
  const open = useProject.getState().open
  if (open !== null) await exportProject('pdf', open.id, open.name)
}

/** Prints the pages. */
export async function printPdf(): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    await flushDocuments()
    await printPages(open.id, open.name)
  }, 'The pages cannot be printed.')
}
