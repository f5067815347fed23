// The window: what it shows, and what comes to it from the application.
import { useEffect } from 'react'
import { EmptyState } from '../design/EmptyState'
import { ToastRegion } from '../design/ToastRegion'
import { applyScale, applyTheme } from '../design/theme'
import { Gallery } from '../features/gallery/Gallery'
import { PagesWindow } from '../features/preview/PagesWindow'
import { useSession } from '../state/session'
import { useSettings } from '../state/settings'
import { begin } from './begin'
import { Dialogs } from './Dialogs'
import { Waiting } from './Waiting'
import { Workspace } from './workspace/Workspace'

export function App() {
  const screen = useSession((state) => state.screen)
  const theme = useSettings((state) => state.window.theme)
  const scale = useSettings((state) => state.window.scale)

  // The application, once.
  useEffect(begin, [])
  // The theme on the page.
  useEffect(() => applyTheme(theme, (shown) => useSession.setState({ theme: shown })), [theme])
  // The scale of the page.
  useEffect(() => applyScale(scale), [scale])

  return (
    <>
      {screen.type === 'starting' && <EmptyState icon="book" title="Quire" />}
      {screen.type === 'gallery' && <Gallery />}
      {screen.type === 'project' && <Workspace />}
      {screen.type === 'pages' && <PagesWindow />}
      <Dialogs />
      <Waiting />
      <ToastRegion />
    </>
  )
}
