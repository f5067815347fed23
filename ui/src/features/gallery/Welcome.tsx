// The first screen of all: one click leads to the first page.
import { type ReactNode, useState } from 'react'
import { Button } from '../../design/Button'
import { Logo } from '../../design/logo/Logo'
import { templateAddress } from '../../ipc/addresses'
import { openDialog, openSettings } from '../../state/dialogs'
import { createProject } from '../../state/gallery'
import { OpenButtons } from './OpenButtons'

const SHOWN = ['thesis', 'slides', 'article']

export function Welcome({ bell }: { bell: ReactNode }) {
  const [busy, setBusy] = useState(false)
  const start = () => {
    setBusy(true)
    void createProject('My first document', 'article').finally(() => setBusy(false))
  }
  return (
    <main className="welcome">
      <div className="welcome-bell">{bell}</div>
      <div className="welcome-words">
        <Logo size={3.5} label="Quire" />
        <h1>Write. The page follows.</h1>
        <p>Quire turns LaTeX into pages while you type. Everything stays on this computer, every keystroke is kept, and nothing else needs to be installed.</p>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do here */}
        <Button variant="primary" icon="pencil" className="welcome-start" onClick={start} busy={busy} autoFocus>
          Start writing
        </Button>
        <div className="welcome-ways">
          <Button icon="grid" onClick={() => openDialog({ type: 'newProject' })}>
            Choose a template
          </Button>
          <OpenButtons />
        </div>
        <p className="welcome-hint">
          A folder that you open stays where it is; what you import is copied. You can also drop a folder, a zip or a .tex file here.
        </p>
        <Button variant="ghost" size="small" icon="settings" className="welcome-settings" onClick={() => openSettings()}>
          Settings
        </Button>
      </div>
      <div className="welcome-pages" aria-hidden>
        {SHOWN.map((id) => (
          <img key={id} src={templateAddress(id)} alt="" className={`welcome-page-${id}`} draggable={false} />
        ))}
      </div>
    </main>
  )
}
