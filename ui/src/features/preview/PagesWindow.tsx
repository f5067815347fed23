// A window with nothing but the pages of a project.
import { useEffect } from 'react'
import { setTitle } from '../../ipc/system'
import { useProject } from '../../state/project'
import { PreviewPane } from './PreviewPane'

export function PagesWindow() {
  const name = useProject((state) => state.open?.name)
  // The window's title, which the system shows.
  useEffect(() => {
    if (name !== undefined) void setTitle(`${name} — pages`)
  }, [name])
  return <PreviewPane isDetached />
}
