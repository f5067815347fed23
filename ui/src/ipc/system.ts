// What Quire asks of the system: choosing files, windows, addresses of the web.
import { getCurrentWindow } from '@tauri-apps/api/window'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import { open, save } from '@tauri-apps/plugin-dialog'
import { openUrl } from '@tauri-apps/plugin-opener'
import { request } from './call'
import type { ProjectId, ProjectPath } from './generated'

/** Kinds of files that a dialog offers. */
export type FileKinds = { name: string; extensions: string[] }[]

export async function chooseFolder(title: string): Promise<string | null> {
  return await open({ title, directory: true })
}

export async function chooseFiles(title: string, filters: FileKinds = []): Promise<string[]> {
  return (await open({ title, multiple: true, filters })) ?? []
}

export async function choosePlace(title: string, defaultPath: string, filters: FileKinds): Promise<string | null> {
  return await save({ title, defaultPath, filters })
}

/** Opens an address in the browser; only addresses of the web and of mail. */
export async function openAddress(url: string): Promise<void> {
  if (/^(https?|mailto):/i.test(url)) await openUrl(url)
}

export async function setTitle(title: string): Promise<void> {
  await getCurrentWindow().setTitle(title)
}

/** Asks `mayClose` when the author closes the window; it stays open while that says no. */
export async function onClosing(mayClose: () => Promise<boolean>): Promise<void> {
  await getCurrentWindow().onCloseRequested(async (event) => {
    if (!(await mayClose())) event.preventDefault()
  })
}

/** Closes the window without asking. */
export async function closeNow(): Promise<void> {
  await getCurrentWindow().destroy()
}

export async function setFullscreen(on: boolean): Promise<void> {
  await getCurrentWindow().setFullscreen(on)
}

/** Shows the pages of a project in a window of their own. */
export function openPreviewWindow(project: ProjectId, title: string): Promise<void> {
  return request<void>('open_preview', { project, title })
}

/** Opens one more window on a project. */
export function openWindow(project: ProjectId): Promise<void> {
  return request<void>('open_window', { project })
}

/** Shows the system's dialog for printing the pages. */
export function printPages(project: ProjectId, title: string): Promise<void> {
  return request<void>('print_pages', { project, title })
}

/** Opens the project that a file or folder on disk belongs to; it stays where it is. */
export function openPlace(place: string): Promise<{ project: ProjectId; file: ProjectPath | null }> {
  return request('open_place', { place })
}

/** Where files from the system's file manager are dragged, in CSS pixels. */
export type FileDrag =
  | { type: 'over'; x: number; y: number }
  | { type: 'drop'; x: number; y: number; paths: string[] }
  | { type: 'leave' }

/** Calls `onDrag` while files are dragged over the window. */
export async function onFileDrag(onDrag: (drag: FileDrag) => void): Promise<() => void> {
  return await getCurrentWebview().onDragDropEvent(({ payload }) => {
    if (payload.type === 'leave') return onDrag({ type: 'leave' })
    const { x, y } = payload.position.toLogical(window.devicePixelRatio)
    onDrag(payload.type === 'drop' ? { type: 'drop', x, y, paths: payload.paths } : { type: 'over', x, y })
  })
}
