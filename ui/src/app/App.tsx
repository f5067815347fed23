// The window: what it shows, and what comes to it from the application.
import { useEffect } from 'react'
import { EmptyState } from '../design/EmptyState'
import { ToastRegion } from '../design/ToastRegion'
import { applyScale, applyTheme } from '../design/theme'
import { Gallery } from '../features/gallery/Gallery'
import { Bell } from '../features/notifications/Bell'
import { PagesWindow } from '../features/preview/PagesWindow'
import { useSession } from '../state/session'
import { useSettings } from '../state/settings'
import { Dialogs } from './Dialogs'
import { Waiting } from './Waiting'
import { loadWorkspace, useWorkspace } from './loadWorkspace'

export function App() {
  const screen = useSession((state) => state.screen)
  const theme = useSettings((state) => state.window.theme)
  const scale = useSettings((state) => state.window.scale)

  // The theme on the page.
  useEffect(() => applyTheme(theme, (shown) => useSession.setState({ theme: shown })), [theme])
  // The scale of the page.
  useEffect(() => applyScale(scale), [scale])

  return (
    <>
      {screen.type === 'starting' && <Starting />}
      {screen.type === 'gallery' && <Gallery bell={<Bell />} />}
      {screen.type === 'project' && <Project />}
      {screen.type === 'pages' && <PagesWindow />}
      <Dialogs />
      <Waiting />
      <ToastRegion />
    </>
  )
}

/** The workspace is loaded when a project is on its way. */
function Project() {
  const workspace = useWorkspace((state) => state.workspace)
  // The rest of the program.
  useEffect(loadWorkspace, [])
  return workspace ?? <Starting />
}

function Starting() {
  return <EmptyState icon="book" title="Quire" />
}
