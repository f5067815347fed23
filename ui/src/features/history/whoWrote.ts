// Who wrote a part of a text: asked for in the editor, shown in a dialog.
import { create } from 'zustand'
import { commands, type ProjectId, type ProjectPath, type WhoWrote } from '../../ipc/generated'
import { tellError } from '../../state/attempt'
import { flushDocuments } from '../../state/documents'

/** What was asked; `found` is null until it is known. */
export type AskedPart = { project: ProjectId; path: ProjectPath; what: string; found: WhoWrote | null; now: number }

export const useWhoWrote = create<{ asked: AskedPart | null }>(() => ({ asked: null }))

/** Asks who wrote what stands between two offsets of a text; `what` names it, like “line 4”. */
export async function askWhoWrote(project: ProjectId, path: ProjectPath, from: number, to: number, what: string): Promise<void> {
  const asked: AskedPart = { project, path, what, found: null, now: Date.now() }
  useWhoWrote.setState({ asked })
  try {
    await flushDocuments()
    const found = await commands.whoWrote({ project, path, from, to })
    if (useWhoWrote.getState().asked === asked) useWhoWrote.setState({ asked: { ...asked, found } })
  } catch (error) {
    if (useWhoWrote.getState().asked !== asked) return
    forgetWhoWrote()
    tellError(error, 'Who wrote this cannot be told.')
  }
}

export function forgetWhoWrote(): void {
  useWhoWrote.setState({ asked: null })
}
