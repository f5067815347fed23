// The bar above: where one is, what to do next.
import { Button, IconButton } from '../../design/Button'
import { Menu } from '../../design/Menu'
import type { MenuItem } from '../../design/menuItems'
import { buildNow, cancelBuild, leaveProject, showBottom, splitEditor, useProject } from '../../state/project'
import { changeWindow, useSettings } from '../../state/settings'
import { Bell } from '../../features/notifications/Bell'
import { People } from '../../features/sharing/People'
import { projectMenu } from './projectMenu'
import { openPalette } from './palette'

export function TopBar() {
  const name = useProject((state) => state.open?.name ?? '')
  const folder = useProject((state) => state.open?.folder ?? null)
  const running = useProject((state) => state.open?.build.type === 'running')
  const bottom = useProject((state) => state.open?.bottom ?? null)
  const sidebarCollapsed = useSettings((state) => state.window.sidebarCollapsed)
  const previewCollapsed = useSettings((state) => state.window.previewCollapsed)
  const items: readonly MenuItem[] = projectMenu()
  return (
    <header className="top-bar" data-part="">
      <IconButton icon="arrow-left" label="All projects" onClick={() => void leaveProject()} />
      <IconButton
        icon="panel-left"
        label="Side bar"
        shortcut="Mod+B"
        pressed={!sidebarCollapsed}
        onClick={() => changeWindow({ sidebarCollapsed: !sidebarCollapsed })}
      />
      <h1 className="top-bar-title">
        <Menu
          trigger={
            <Button variant="ghost" className="top-bar-name" title={folder ?? undefined}>
              {name}
            </Button>
          }
          items={items}
          label="Project"
        />
      </h1>
      <button type="button" className="top-bar-search" onClick={() => openPalette('files')} aria-keyshortcuts="Control+P">
        Go to file, or &gt; for commands
      </button>
      <div className="top-bar-actions">
        <Bell />
        <People />
        {running ? (
          <Button icon="stop" onClick={() => void cancelBuild()}>
            Stop
          </Button>
        ) : (
          <Button variant="primary" icon="play" onClick={() => void buildNow()} title="Ctrl+S or Ctrl+Enter">
            Build
          </Button>
        )}
        <IconButton icon="columns" label="Split the editor" shortcut="Mod+\\" onClick={splitEditor} />
        <IconButton
          icon="panel-bottom"
          label="Problems and log"
          shortcut="Mod+J"
          pressed={bottom !== null}
          onClick={() => showBottom(bottom === null ? 'problems' : null)}
        />
        <IconButton
          icon="panel-right"
          label="Pages"
          pressed={!previewCollapsed}
          onClick={() => changeWindow({ previewCollapsed: !previewCollapsed })}
        />
      </div>
    </header>
  )
}
