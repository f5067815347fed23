// The side bar: one view at a time.
import { SegmentedControl } from '../../design/Field'
import { FileTree } from '../../features/files/FileTree'
import { type SidebarView, useSidebar } from './sidebarView'

export function Sidebar() {
  const view = useSidebar((state) => state.view)
  return (
    <nav className="sidebar" aria-label="Side bar">
      <div className="sidebar-head">
        <SegmentedControl<SidebarView>
          label="View"
          value={view}
          onChange={(next) => useSidebar.setState({ view: next })}
          options={[{ value: 'files', label: 'Files', icon: 'folder', iconOnly: true }]}
        />
      </div>
      <div className="sidebar-body">{view === 'files' && <FileTree />}</div>
    </nav>
  )
}
