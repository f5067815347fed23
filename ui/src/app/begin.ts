// The start of a window: settings, events, and what it was asked to open.
import { showToast } from '../design/toasts'
import { onOpenPaths, startup, subscribe } from '../ipc/events'
import type { Event } from '../ipc/generated'
import { onWindowMessage } from '../ipc/windows'
import { attempt } from '../state/attempt'
import { watchClosing } from '../state/closing'
import { openPaths } from '../state/exchange'
import { openPages, openProject, takeEvent, takeMessage } from '../state/project'
import { galleryChanged, show, useSession } from '../state/session'
import { takeSharing } from '../state/sharing'
import { loadNotifications, takeNotifications } from '../state/notifications'
import { loadSettings, takeSettings } from '../state/settings'
import { takeTask } from '../state/tasks'
import { loadWorkspaceLater } from './loadWorkspace'

let begun = false

/** Begins, once. */
export function begin(): void {
  if (begun) return
  begun = true
  void attempt(async () => {
    const asked = new URLSearchParams(window.location.search)
    const [project, pages] = [asked.get('project'), asked.get('preview')]
    // Every window hears of a second start; the first one does what it asks for.
    const isFirst = pages === null && project === null
    const [start] = await Promise.all([
      startup(),
      loadSettings(),
      subscribe(take),
      onWindowMessage(takeMessage),
      watchClosing(),
      isFirst ? onOpenPaths((paths) => void openPaths(paths)) : undefined,
    ])
    useSession.setState({ version: start.version, missing: start.missing, user: start.user })
    if (start.repaired !== null) showToast({ tone: 'warning', title: start.repaired, durationMs: null })
    void loadNotifications()
    for (const missing of start.missing) showToast({ tone: 'danger', title: missing, durationMs: null })
    if (pages !== null) await openPages(pages)
    else if (project !== null) await openProject(project)
    else if (!(await openPaths(start.open))) {
      show({ type: 'gallery' })
      loadWorkspaceLater()
    }
  }, 'Quire cannot start.')
}

function take(event: Event): void {
  if (event.type === 'galleryChanged') galleryChanged()
  else if (event.type === 'settingsChanged') takeSettings(event.settings)
  else if (event.type === 'task') takeTask(event)
  else if (!takeNotifications(event) && !takeSharing(event)) takeEvent(event)
}
