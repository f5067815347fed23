// Failures of what the author asked for, told in a toast.
import { showToast } from '../design/toasts'
import { asCallError } from '../ipc/call'

/** Tells a failure. */
export function tellError(error: unknown, title?: string): void {
  const { code, message, advice } = asCallError(error)
  if (code === 'cancelled') return
  if (title === undefined) showToast({ tone: 'danger', title: message, detail: advice || undefined })
  else showToast({ tone: 'danger', title, detail: advice ? `${message} ${advice}` : message })
}

/** Runs it; a failure is told. True when it went well. */
export async function attempt(work: () => Promise<unknown>, title?: string): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    tellError(error, title)
    return false
  }
}
