// Projects in and out: what the author chooses or drops becomes a project, a project becomes a file.
import { showToast } from '../design/toasts'
import { commands, type Exported, type ProjectId, type ProjectPath } from '../ipc/generated'
import { chooseFiles, chooseFolder, choosePlace, openPlace } from '../ipc/system'
import { attempt } from './attempt'
import { flushDocuments } from './documents'
import { fileNameFor, howMany, sizeText, troubleInName, withEnding } from './names'
import { nameOf } from './paths'
import { openFile, openProject } from './project'
import { runTask } from './tasks'

/** Kinds of files that can be imported, for dialogs. */
const IMPORTABLE = [
  { name: 'Archives and LaTeX files', extensions: ['zip', 'gz', 'tgz', 'tar', 'tex', 'ltx', 'bib', 'sty', 'cls'] },
  { name: 'All files', extensions: ['*'] },
]

/** Makes projects of archives, folders (copied) and files, and opens what there is one of. */
export async function importPlaces(places: readonly string[]): Promise<boolean> {
  return await attempt(async () => {
    const { projects, notes } = await runTask('Importing', (task) => commands.importProjects({ places: [...places], task }))
    for (const note of notes) showToast({ tone: 'warning', title: note, durationMs: 15_000 })
    const [first] = projects
    if (projects.length === 1 && first !== undefined) await openProject(first)
    else if (projects.length > 1) showToast({ tone: 'success', title: `${howMany(projects.length, 'project')} imported.` })
  }, 'Nothing was imported.')
}

/** Asks for archives or files, and imports them. */
export async function importFiles(): Promise<void> {
  await attempt(async () => {
    const places = await chooseFiles('Import', IMPORTABLE)
    if (places.length > 0) await importPlaces(places)
  })
}

/** Asks for a folder, and imports a copy of it. */
export async function importFolder(): Promise<void> {
  await attempt(async () => {
    const folder = await chooseFolder('Import a copy of a folder')
    if (folder !== null) await importPlaces([folder])
  })
}

/** Opens a folder on disk as a project; it stays where it is. */
export async function linkFolder(folder: string): Promise<boolean> {
  return await attempt(async () => openProject(await commands.linkFolder({ folder })), 'The folder cannot be opened.')
}

/** Asks for a folder, and opens it. */
export async function openFolder(): Promise<void> {
  await attempt(async () => {
    const folder = await chooseFolder('Open a folder')
    if (folder !== null) await linkFolder(folder)
  })
}

/** Opens what Quire was started with: folders and sources where they are, archives as new projects. True when
    there was something to open. */
export async function openPaths(paths: readonly string[]): Promise<boolean> {
  const [place] = paths
  if (place === undefined) return false
  const [kind] = await commands.lookAtPlaces({ places: [place] })
  if (kind === 'archive') return await importPlaces([place])
  if (kind === 'folder') return await linkFolder(place)
  return await attempt(async () => {
    const { project, file } = await openPlace(place)
    await openProject(project)
    if (file !== null) openFile(file, true)
  }, 'It cannot be opened.')
}

/** What a project can be written as. */
export type ExportKind = 'zip' | 'pdf' | 'source'

const KINDS = {
  zip: { title: 'Export as a zip archive', extensions: [{ name: 'Zip archive', extensions: ['zip'] }], suffix: '.zip', run: commands.exportZip },
  pdf: { title: 'Export the PDF', extensions: [{ name: 'PDF', extensions: ['pdf'] }], suffix: '.pdf', run: commands.exportPdf },
  source: {
    title: 'Export the sources as one file',
    extensions: [
      { name: 'Zip archive with all that the source needs', extensions: ['zip'] },
      { name: 'LaTeX source alone', extensions: ['tex'] },
    ],
    suffix: ' (one file).zip',
    run: commands.exportSource,
  },
} as const

/** Asks where to, writes, and says what was written. */
export async function exportProject(kind: ExportKind, project: ProjectId, name: string): Promise<void> {
  const { title, extensions, suffix, run } = KINDS[kind]
  await attempt(async () => {
    const filters = extensions.map((filter) => ({ name: filter.name, extensions: [...filter.extensions] }))
    const endings = filters.flatMap((filter) => filter.extensions)
    let place = await choosePlace(title, fileNameFor(name) + suffix, filters)
    // The dialog adds no ending. Where that leads to another file that is there, it has to ask again.
    while (place !== null && withEnding(place, endings) !== place) {
      place = withEnding(place, endings)
      const [there] = await commands.lookAtPlaces({ places: [place] })
      if (there !== 'missing') place = await choosePlace(title, place, filters)
    }
    if (place === null) return
    await flushDocuments()
    tellExported(await runTask('Exporting', (task) => run({ project, place, task })))
  }, 'Nothing was exported.')
}

function tellExported({ place, files, bytes, notes }: Exported): void {
  const what = files > 1 ? `${howMany(files, 'file')}, ${sizeText(bytes)}` : sizeText(bytes)
  const name = place.slice(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1)
  showToast({
    tone: notes.length > 0 ? 'warning' : 'success',
    title: `${name} is written.`,
    detail: [`${what}, in ${place.slice(0, place.length - name.length)}`, ...notes].join(' · '),
    durationMs: notes.length > 0 ? null : 10_000,
  })
}

/** Moves a file or folder; what refers to it follows, and all of it can be taken back. */
export async function moveFile(project: ProjectId, from: ProjectPath, to: ProjectPath): Promise<void> {
  if (from === to) return
  await attempt(async () => {
    await flushDocuments()
    const { references } = await commands.moveFile({ project, from, to })
    const trouble = nameOf(from) === nameOf(to) ? null : troubleInName(nameOf(to))
    if (trouble !== null) showToast({ tone: 'warning', title: `LaTeX cannot read names with ${trouble}.`, detail: `Give ${nameOf(to)} a simpler name before the document uses it.`, durationMs: 12_000 })
    if (references === 0) return
    showToast({
      tone: 'success',
      title: `${howMany(references, 'reference')} to it updated.`,
      detail: `${from} is now ${to}.`,
      action: { label: 'Undo', run: () => void attempt(() => commands.moveFile({ project, from: to, to: from }), 'It cannot be undone.') },
      durationMs: 12_000,
    })
  }, 'It cannot be renamed.')
}
