// Sharing the open project: through which relay, with whom, by which links.
import { useCallback, useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { ConfirmDialog, Dialog } from '../../design/Dialog'
import { Spinner } from '../../design/Progress'
import { commands, type ProjectId, type RelayAccount, type Sharers, type Sharing } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { useProject } from '../../state/project'
import { loadAccounts, useOpenSharing, useSharing } from '../../state/sharing'
import { Invitations } from './Invitations'
import { Links } from './Links'
import { Members } from './Members'
import { NotKept, SignIn } from './SignIn'
import { connectionWords } from './words'
import './sharing.css'

export function ShareDialog({ onClose }: { onClose: () => void }) {
  const project = useProject((state) => state.open?.id)
  const name = useProject((state) => state.open?.name ?? '')
  const sharing = useOpenSharing()

  // Who is signed in, which the application knows.
  useEffect(() => void loadAccounts(), [])

  if (project === undefined) return null
  return (
    <Dialog open onOpenChange={onClose} title={`Share “${name}”`} size="medium">
      {sharing === null ? <NotShared project={project} /> : <Shared project={project} sharing={sharing} onClose={onClose} />}
    </Dialog>
  )
}

function NotShared({ project }: { project: ProjectId }) {
  const accounts = useSharing((state) => state.accounts)
  const [elsewhere, setElsewhere] = useState(false)
  const [busy, setBusy] = useState(false)
  const share = (account: RelayAccount) => {
    setBusy(true)
    const { relay, user } = account
    void attempt(() => commands.shareProject({ project, relay, user }), 'The project cannot be shared.').finally(() => setBusy(false))
  }
  const hasAccount = accounts.some((account) => account.email !== null)
  if (!hasAccount || elsewhere) {
    return (
      <>
        <p className="sharing-text">
          Co-authors meet at a relay. Sign in at yours, and this project is shared through it: everybody writes on his own computer, also offline, and what all
          have written comes together.
        </p>
        <SignIn onSignedIn={share} />
      </>
    )
  }
  return (
    <>
      <p className="sharing-text">Everybody goes on writing on his own computer, also offline; what all have written comes together.</p>
      <ul className="sharing-list">
        {accounts
          .filter((account) => account.email !== null)
          .map((account) => (
            <li key={`${account.relay} ${account.user}`}>
              <span className="sharing-who">
                <strong>{account.relayName}</strong>
                <span>{`as ${account.name}, ${account.email}`}</span>
              </span>
              <Button variant="primary" icon="people" busy={busy} onClick={() => share(account)}>
                Share through {account.relayName}
              </Button>
            </li>
          ))}
      </ul>
      <Button variant="ghost" size="small" onClick={() => setElsewhere(true)}>
        Use another relay or account
      </Button>
    </>
  )
}

function Shared({ project, sharing, onClose }: { project: ProjectId; sharing: Sharing; onClose: () => void }) {
  const accounts = useSharing((state) => state.accounts)
  const account = accounts.find(({ relay, user }) => relay === sharing.relay && user === sharing.user)
  const [sharers, setSharers] = useState<Sharers | null>(null)
  const [stopping, setStopping] = useState(false)
  const { label, meaning, tone } = connectionWords(sharing)
  const type = sharing.connection.type
  const isOwner = sharing.role === 'owner'
  const known = sharing.members.map(({ user }) => user).join(' ')

  const load = useCallback(async () => {
    await attempt(async () => setSharers(await commands.sharers({ project })))
  }, [project])

  // Who belongs to the project, which the relay knows; asked again when it is there again, or when it tells of others.
  useEffect(() => {
    if (type === 'online') void load()
  }, [type, sharing.role, known, load])

  if (type === 'signedOut') {
    return (
      <>
        <p className="sharing-text">{meaning}</p>
        <SignIn relay={sharing.relay} onSignedIn={() => undefined} />
      </>
    )
  }
  return (
    <>
      <p className={`sharing-state sharing-${tone}`} role="status">
        <strong>{label}.</strong> {meaning}
      </p>
      {account !== undefined && <NotKept account={account} />}
      {sharers === null && type === 'online' && <Spinner label="Asking the relay" />}
      {sharers === null && (type === 'offline' || type === 'connecting') && <p className="sharing-text">Who belongs to it is seen when the relay is there again.</p>}
      {sharers !== null && (
        <>
          {isOwner && (
            <>
              <Links project={project} links={sharers.links} onChanged={load} />
              <Invitations project={project} invitations={sharers.invitations} onChanged={load} />
            </>
          )}
          <Members project={project} members={sharers.members} isOwner={isOwner} onChanged={load} onLeft={onClose} />
        </>
      )}
      <Button variant="ghost" size="small" className="sharing-stop" onClick={() => setStopping(true)}>
        Stop sharing from this computer …
      </Button>
      <ConfirmDialog
        open={stopping}
        title="Stop sharing from this computer?"
        description="Your copy stays here, and what is on the relay stays there. What you write from then on is not seen by the others, and what they write does not come here."
        confirmLabel="Stop sharing"
        danger
        onCancel={() => setStopping(false)}
        onConfirm={() => {
          void attempt(() => commands.stopSharing({ project }))
          onClose()
        }}
      />
    </>
  )
}
