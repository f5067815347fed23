// Closing the window: what was typed last goes to the disk first. When the disk refuses it the author is asked, since
// it is nowhere but in memory.
import { commands } from '../ipc/generated'
import { onClosing } from '../ipc/system'
import { openDialog } from './dialogs'
import { flushDocuments } from './documents'

/** A disk that hangs does not keep the window open for ever. */
const PATIENCE_MS = 5000

/** The projects of which something is not on the disk; null when there is no answer in time. */
async function unsavedProjects(): Promise<readonly string[] | null> {
  const settled = flushDocuments().then(async () => (await commands.settle()).unsaved)
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))
  return await Promise.race([settled, late])
}

async function mayClose(): Promise<boolean> {
  try {
    const unsaved = await unsavedProjects()
    if (unsaved?.length === 0) return true
    openDialog({ type: 'unsaved', projects: unsaved ?? [] })
    return false
  } catch {
    // The application has ended before its window.
    return true
  }
}

/** Looks after what is typed when the window is closed. */
export async function watchClosing(): Promise<void> {
  await onClosing(mayClose)
}
