// What windows on one project tell each other.
import { emit, listen } from '@tauri-apps/api/event'
import type { PageArea, ProjectId, ProjectPath } from './generated'

/** `source`: pages that stand alone ask the window with the editor to go to a line. `pages`: the other way round. */
export type WindowMessage =
  | { to: 'source'; project: ProjectId; path: ProjectPath; line: number }
  | { to: 'pages'; project: ProjectId; areas: PageArea[] }

export async function tellWindows(message: WindowMessage): Promise<void> {
  await emit('windows', message)
}

/** Calls `onMessage` for what any window tells, this one included. */
export async function onWindowMessage(onMessage: (message: WindowMessage) => void): Promise<void> {
  await listen<WindowMessage>('windows', (event) => onMessage(event.payload))
}
