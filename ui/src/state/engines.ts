// What builds the open project: one click to another engine, and the author's consent where the document then runs
// programs.
import { showToast } from '../design/toasts'
import { type BuildLimit, type BuildSwitch, commands, type LimitName, type ProblemAction, type TexLiveState } from '../ipc/generated'
import { attempt, tellError } from './attempt'
import { closeDialog, openDialog, useDialogs } from './dialogs'
import { buildNow, useProject } from './project'
import { flushDocuments } from './documents'
import { chooseEngine } from './projectSettings'

export const BUILT_IN = 'tectonic'

/** The engines, as the palette and the settings call them. */
export const ENGINES = [
  { engine: BUILT_IN, name: 'the built-in engine', label: 'XeTeX, built in' },
  { engine: 'pdflatex', name: 'pdfLaTeX', label: 'pdfLaTeX of TeX Live' },
  { engine: 'lualatex', name: 'LuaLaTeX', label: 'LuaLaTeX of TeX Live' },
  { engine: 'xelatex', name: 'XeLaTeX', label: 'XeLaTeX of TeX Live' },
] as const

/** Whether TeX Live can build here; null when that cannot be asked, which is told. */
export async function texLive(): Promise<TexLiveState | null> {
  try {
    return await commands.texLive()
  } catch (error) {
    tellError(error)
    return null
  }
}

/** Builds with an engine from now on. Where something is missing for it, says what; where programs would run, asks. */
export async function buildWith(engine: string, runsPrograms = false): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  if (engine !== BUILT_IN) {
    const state = await texLive()
    if (state === null) return
    if (state.type === 'missing') {
      openDialog({ type: 'texLive', what: state.what, advice: state.advice })
      return
    }
  }
  if (runsPrograms && open.settings.build.programs !== 'allowed') {
    openDialog({ type: 'programs', engine })
    return
  }
  await change(engine)
}

export function takeAction({ engine, runsPrograms }: ProblemAction): Promise<void> {
  return buildWith(engine, runsPrograms)
}

async function change(engine: string): Promise<void> {
  if (useProject.getState().open?.engine === engine) return buildNow()
  await attempt(flushDocuments)
  await chooseEngine(engine)
}

/** The answer to whether the document may run programs, asked for a build with an engine. */
export async function answerPrograms(engine: string, allowed: boolean): Promise<void> {
  closeDialog()
  if (!(await allowPrograms(allowed))) return
  if (!allowed) {
    showToast({
      tone: 'warning',
      title: 'The document runs no programs.',
      detail: 'What they would make is missing from its pages. You can allow them in the settings of the project.',
    })
    return
  }
  // With the engine that is chosen already the consent alone builds.
  if (useProject.getState().open?.engine !== engine) await change(engine)
}

/** Lets the document run programs, or no longer. True when it went well. */
export async function allowPrograms(allowed: boolean): Promise<boolean> {
  const open = useProject.getState().open
  if (open === null) return false
  return attempt(async () => {
    await flushDocuments()
    await commands.allowPrograms({ project: open.id, allowed })
  })
}

/** Switches something on or off for builds with TeX Live; the pages are made anew. */
export async function setBuildSwitch(name: BuildSwitch, on: boolean): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    await flushDocuments()
    await commands.setBuildSwitch({ project: open.id, switch: name, on })
  })
}

/** Asks once whether programs may run, when a build has found that they would. */
export function askForPrograms(): void {
  const open = useProject.getState().open
  if (open?.report?.asksForPrograms !== true || open.settings.build.programs !== 'notAsked') return
  if (useDialogs.getState().dialog.type === 'none') openDialog({ type: 'programs', engine: open.engine })
}

/** The bounds of the project's builds. */
export async function buildLimits(): Promise<readonly BuildLimit[]> {
  const open = useProject.getState().open
  return open === null ? [] : commands.buildLimits({ project: open.id })
}

/** Sets a bound; null: the default. What is wrong with it, or null. */
export async function setBuildLimit(name: LimitName, value: number | null): Promise<boolean> {
  const open = useProject.getState().open
  if (open === null) return false
  return attempt(() => commands.setBuildLimit({ project: open.id, name, value }))
}

/** Clears what builds left; the next begins from nothing. */
export async function clearBuilds(): Promise<void> {
  const open = useProject.getState().open
  if (open === null) return
  await attempt(async () => {
    const { bytes } = await commands.clearBuilds({ project: open.id })
    const title = bytes === 0 ? 'Builds have left nothing.' : `${sizeText(bytes)} of earlier builds are cleared.`
    showToast({ title, detail: 'The pages stay. The next build begins from nothing.' })
  })
}

/** A size as people read it. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000)).toLocaleString('en')} KB`
  return `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: bytes < 10_000_000 ? 1 : 0 })} MB`
}
