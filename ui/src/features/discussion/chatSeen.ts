// How far the chat was read on this computer: kept with the project's settings.
import { type Message } from '../../state/discussion/threads'
import { readChat, unreadOf } from '../../state/discussion/chat'
import { isMe, useDiscussion } from '../../state/discussion/discussion'
import { changeProjectSettings, useProject } from '../../state/project'

let read: { version: number; chat: readonly Message[] } | null = null

/** What was said, read once for each change. */
export function chatOf(): readonly Message[] {
  const { doc, version } = useDiscussion.getState()
  if (doc === null) return []
  if (read?.version !== version) read = { version, chat: readChat(doc) }
  return read.chat
}

/** The message that was seen last. */
export function chatSeen(): string | null {
  const seen = useProject.getState().open?.settings.window?.['chatSeen']
  return typeof seen === 'string' ? seen : null
}

/** All up to this message has been seen. */
export function seeChat(message: string | null): void {
  const open = useProject.getState().open
  if (open === null || message === null || message === chatSeen()) return
  void changeProjectSettings({ window: { ...open.settings.window, chatSeen: message } })
}

/** How many messages of others have not been seen. */
export function useUnread(): number {
  useDiscussion((state) => state.version)
  useProject((state) => state.open?.settings.window?.['chatSeen'])
  return unreadOf(chatOf(), chatSeen(), isMe)
}
