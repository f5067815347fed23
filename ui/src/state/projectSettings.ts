// What is chosen for one project.
import { commands, type ProjectPath } from '../ipc/generated'
import { attempt } from './attempt'
import { buildNow, changeProjectSettings, useProject } from './project'
import { useSettings } from './settings'
import { flushDocuments } from './documents'

/** Chooses the file that is built, or lets it be found. */
export async function chooseRoot(path: ProjectPath | null): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    await commands.setRoot({ project: open.id, path })
    useProject.setState((state) => (state.open === null ? state : { open: { ...state.open, root: path } }))
    await buildNow()
  })
}

/** Chooses what builds: the engine of Quire, or one of TeX Live in its container. The project remembers it. */
export async function chooseEngine(engine: string): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    await commands.setEngine({ project: open.id, engine })
    useProject.setState((state) => (state.open === null ? state : { open: { ...state.open, engine } }))
  })
}

/** What an author’s hand does every few minutes. All is saved already; it builds if that is wanted. */
export async function saveNow(): Promise<void> {
  if (useSettings.getState().application.buildOnSave) await buildNow()
  else await attempt(flushDocuments)
}

/** Words that are spelled right in this project. */
export async function setWords(words: readonly string[]): Promise<void> {
  const clean = words.map((word) => word.trim()).filter((word) => word !== '')
  await changeProjectSettings({ words: [...new Set(clean)].toSorted((a, b) => a.localeCompare(b)) })
}
