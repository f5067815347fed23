// What the application tells every window.
import { Channel } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { request } from './call'
import type { Event } from './generated'

/** Calls `onEvent` for every event from now on. */
export async function subscribe(onEvent: (event: Event) => void): Promise<void> {
  const events = new Channel<Event>()
  events.onmessage = onEvent
  await request<void>('subscribe', { events })
}

/** What a window should know at its start. */
export type Startup = {
  version: string
  /** Files and folders to open; given to the first who asks. */
  open: string[]
  /** What was repaired in the database, for people. */
  repaired: string | null
  /** The name that the system has for its user. */
  user: string
  /** What is missing of the installation. */
  missing: string[]
}

export function startup(): Promise<Startup> {
  return request<Startup>('startup', {})
}

/** Calls `onPaths` when a second start of Quire was asked to open something. */
export async function onOpenPaths(onPaths: (paths: string[]) => void): Promise<void> {
  await listen<string[]>('open-paths', (event) => onPaths(event.payload))
}
