// Who wrote a part of a text: asked for in the editor, shown in a dialog.
import { create } from 'zustand'
import { commands, type ProjectId, type ProjectPath, type WhoWrote } from '../../ipc/generated'
import { tellError } from '../../state/attempt'
import { flushDocuments } from '../../state/documents'

/** What was asked; `found` is null until it is known. */
export type AskedPart = { project: ProjectId; path: ProjectPath; what: string; found: WhoWrote | null; now: number }

export const useWhoWrote = create<{ asked: AskedPart | null }>(() => ({ asked: null }))

/** An answer that takes longer is waited for in the dialog. */
const SHOWN_AFTER_MS = 300

let questions = 0

/** Asks who wrote what stands between two offsets of a text; `what` names it, like “line 4”. */
export async function askWhoWrote(project: ProjectId, path: ProjectPath, from: number, to: number, what: string): Promise<void> {
  const asked: AskedPart = { project, path, what, found: null, now: Date.now() }
  questions += 1
  const number = questions
  const isWanted = () => questions === number
  // What is there in a moment is shown at once, with nothing before it.
  const timer = setTimeout(() => isWanted() && useWhoWrote.setState({ asked }), SHOWN_AFTER_MS)
  try {
    await flushDocuments()
    const found = await commands.whoWrote({ project, path, from, to })
    if (isWanted()) useWhoWrote.setState({ asked: { ...asked, found } })
  } catch (error) {
    if (!isWanted()) return
    forgetWhoWrote()
    tellError(error, 'Who wrote this cannot be told.')
  } finally {
    clearTimeout(timer)
  }
}

export function forgetWhoWrote(): void {
  questions += 1
  useWhoWrote.setState({ asked: null })
}
