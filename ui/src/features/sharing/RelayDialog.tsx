// One's projects at the relays: bring one here, sign in and out.
import { useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { Spinner } from '../../design/Progress'
import { asCallError } from '../../ipc/call'
import { commands, type ProjectId, type RelayAccount, type RelayProject } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { loadAccounts, showJoined, useSharing } from '../../state/sharing'
import { NotKept, SignIn } from './SignIn'
import { ROLES } from './words'
import './sharing.css'

export function RelayDialog({ onClose }: { onClose: () => void }) {
  const accounts = useSharing((state) => state.accounts)
  const [adding, setAdding] = useState(false)

  // Who is signed in, which the application knows.
  useEffect(() => void loadAccounts(), [])

  const open = async (work: () => Promise<ProjectId>) => {
    await attempt(async () => {
      const project = await work()
      onClose()
      await showJoined(project)
    }, 'The project cannot be opened.')
  }
  return (
    <Dialog open onOpenChange={onClose} title="Open from a relay" size="medium">
      {accounts.length === 0 || adding ? (
        <>
          <p className="sharing-text">Sign in, and the projects that you share with others are listed here.</p>
          <SignIn onSignedIn={() => setAdding(false)} />
        </>
      ) : (
        <>
          {accounts.map((account) => (
            <OneRelay key={`${account.relay} ${account.user}`} account={account} onOpen={open} />
          ))}
          <Button variant="ghost" size="small" icon="plus" onClick={() => setAdding(true)}>
            Sign in at another relay
          </Button>
        </>
      )}
    </Dialog>
  )
}

type Loaded = { type: 'asking' } | { type: 'there'; projects: readonly RelayProject[] } | { type: 'failed'; why: string; isSignedOut: boolean }

function OneRelay({ account, onOpen }: { account: RelayAccount; onOpen: (work: () => Promise<ProjectId>) => Promise<void> }) {
  const { relay, user } = account
  const [loaded, setLoaded] = useState<Loaded>({ type: 'asking' })
  const [opening, setOpening] = useState<ProjectId | null>(null)

  // The list, which the relay has.
  useEffect(() => {
    let ended = false
    void (async () => {
      const next = await list(relay, user)
      if (!ended) setLoaded(next)
    })()
    return () => {
      ended = true
    }
  }, [relay, user])

  return (
    <section className="sharing-relay" aria-label={account.relayName}>
      <header>
        <h3 className="sharing-head">{account.relayName}</h3>
        <span className="sharing-as">as {account.name}</span>
        <Button size="small" variant="ghost" onClick={() => void attempt(() => commands.signOut({ relay, user }))}>
          Sign out
        </Button>
      </header>
      <NotKept account={account} />
      {loaded.type === 'asking' && <Spinner label="Asking the relay" />}
      {loaded.type === 'failed' && (
        <>
          <p className="q-field-error" role="alert">
            {loaded.why}
          </p>
          {loaded.isSignedOut && <SignIn relay={relay} onSignedIn={() => void list(relay, user).then(setLoaded)} />}
        </>
      )}
      {loaded.type === 'there' && loaded.projects.length === 0 && <p className="sharing-text">You share no project here yet.</p>}
      {loaded.type === 'there' && (
        <ul className="sharing-list">
          {loaded.projects.map(({ project, name, role, members, here }) => (
            <li key={project}>
              <span className="sharing-who">
                <strong>{name}</strong>
                <span>{`${ROLES[role].name}, ${members === 1 ? 'only you' : `${members} people`}${here ? ', on this computer' : ''}`}</span>
              </span>
              <Button
                busy={opening === project}
                aria-label={here ? `Open ${name}` : `Open ${name} here`}
                onClick={() => {
                  setOpening(project)
                  void onOpen(() => commands.openFromRelay({ project, relay, user })).finally(() => setOpening(null))
                }}
              >
                {here ? 'Open' : 'Open here'}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

async function list(relay: string, user: string): Promise<Loaded> {
  try {
    return { type: 'there', projects: await commands.relayProjects({ relay, user }) }
  } catch (error) {
    const { code, message, advice } = asCallError(error)
    return { type: 'failed', why: `${message} ${advice}`.trim(), isSignedOut: code === 'signedOut' }
  }
}
