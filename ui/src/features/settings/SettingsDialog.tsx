// The settings. Each is in force at once; there is nothing to confirm.
import { type KeyboardEvent, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import type { IconName } from '../../design/Icon'
import type { SettingsPage } from '../../state/dialogs'
import { useProject } from '../../state/project'
import { useSession } from '../../state/session'
import { Appearance } from './Appearance'
import { Building, Editing } from './Editing'
import { ProjectSettings } from './ProjectSettings'
import './settings.css'

const PAGES: readonly { page: SettingsPage; label: string; icon: IconName }[] = [
  { page: 'appearance', label: 'Appearance', icon: 'sun' },
  { page: 'editing', label: 'Editing', icon: 'pencil' },
  { page: 'building', label: 'Building', icon: 'play' },
  { page: 'project', label: 'This project', icon: 'book' },
]

export function SettingsDialog({ page: first, onClose }: { page: SettingsPage; onClose: () => void }) {
  const project = useProject((state) => state.open?.name)
  const version = useSession((state) => state.version)
  const [chosen, setPage] = useState<SettingsPage>(first)
  const pages = PAGES.filter(({ page }) => page !== 'project' || project !== undefined)
  const page = pages.some((known) => known.page === chosen) ? chosen : 'appearance'
  const onKey = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const next = pages[pages.findIndex((known) => known.page === page) + step]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    setPage(next.page)
    event.currentTarget.querySelector<HTMLElement>(`[data-page="${next.page}"]`)?.focus()
  }
  return (
    <Dialog open onOpenChange={onClose} title="Settings" size="large">
      <div className="settings">
        <div className="settings-pages" role="tablist" aria-label="Pages of the settings" aria-orientation="vertical" tabIndex={-1} onKeyDown={onKey}>
          {pages.map((known) => (
            <Button
              key={known.page}
              variant="ghost"
              icon={known.icon}
              role="tab"
              id={`settings-${known.page}`}
              data-page={known.page}
              aria-selected={known.page === page}
              tabIndex={known.page === page ? 0 : -1}
              className="settings-page"
              onClick={() => setPage(known.page)}
            >
              {known.label}
            </Button>
          ))}
          <span className="settings-version">Quire {version}</span>
        </div>
        <section className="settings-body q-scroll" role="tabpanel" aria-labelledby={`settings-${page}`}>
          {page === 'appearance' && <Appearance />}
          {page === 'editing' && <Editing />}
          {page === 'building' && <Building />}
          {page === 'project' && <ProjectSettings />}
        </section>
      </div>
    </Dialog>
  )
}
