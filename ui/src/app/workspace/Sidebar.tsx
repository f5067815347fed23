// The side bar: one view at a time.
import { SegmentedControl } from '../../design/Field'
import type { TextEdit } from '../../ipc/generated'
import { FileTree } from '../../features/files/FileTree'
import { HistoryView } from '../../features/history/HistoryView'
import { OutlineView } from '../../features/outline/OutlineView'
import { useSearch } from '../../features/search/searchStore'
import { SearchView } from '../../features/search/SearchView'
import { applyFix } from '../../features/editor/providers'
import { useEditing } from './editing'
import { Review } from './Review'
import { byFile } from './intelligence'
import { type SidebarView, useSidebar } from './sidebarView'

/** Edits open files in the editor, where they can be undone, and the others through the application. */
async function apply(edits: TextEdit[]): Promise<void> {
  const { documents } = useEditing.getState()
  if (documents !== null) await applyFix(documents, byFile(edits))
}

/** A click on the search goes into its field: behind the click, which gives the focus to what was clicked. */
function intoSearch(): void {
  if (useSidebar.getState().view === 'search') useSearch.setState((state) => ({ focusWish: state.focusWish + 1 }))
}

export function Sidebar() {
  const view = useSidebar((state) => state.view)
  return (
    <nav className="sidebar" data-part="" aria-label="Side bar">
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the arrow keys pass by the search, and must not fall into its field */}
      <div className="sidebar-head" onClick={({ detail }) => detail > 0 && setTimeout(intoSearch)}>
        <SegmentedControl<SidebarView>
          label="View"
          value={view}
          onChange={(next) => useSidebar.setState({ view: next })}
          options={[
            { value: 'files', label: 'Files', icon: 'folder', iconOnly: true },
            { value: 'outline', label: 'Outline', icon: 'outline', iconOnly: true },
            { value: 'search', label: 'Find in project', icon: 'search', iconOnly: true },
            { value: 'history', label: 'History', icon: 'history', iconOnly: true },
            { value: 'review', label: 'Comments and chat', icon: 'comment', iconOnly: true },
          ]}
        />
      </div>
      <div className="sidebar-body" data-part-body="">
        {view === 'files' && <FileTree />}
        {view === 'outline' && <OutlineView />}
        {view === 'search' && <SearchView apply={apply} />}
        {view === 'history' && <HistoryView />}
        {view === 'review' && <Review />}
      </div>
    </nav>
  )
}
