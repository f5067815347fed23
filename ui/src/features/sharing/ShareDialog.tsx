// Sharing the open project: through which relay, with whom, by which links.
import { useCallback, useEffect, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { ConfirmDialog, Dialog } from '../../design/Dialog'
import { Select } from '../../design/Field'
import { Spinner } from '../../design/Progress'
import { commands, type ProjectId, type RelayAccount, type ShareMember, type Role, type Sharers, type Sharing } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { useProject } from '../../state/project'
import { loadAccounts, useOpenSharing, useSharing } from '../../state/sharing'
import { Avatar } from './Avatar'
import { InviteForm, LinkForm } from './Inviting'
import { NotKept, SignIn } from './SignIn'
import { connectionWords, ROLES } from './words'
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

  const load = useCallback(async () => {
    await attempt(async () => setSharers(await commands.sharers({ project })))
  }, [project])
  const change = (work: () => Promise<unknown>) => void attempt(work).then(load)

  // Who belongs to the project, which the relay knows; asked again when it is there again.
  useEffect(() => {
    if (type === 'online') void load()
  }, [type, load])

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
      {isOwner && (
        <>
          <LinkForm project={project} onMade={load} />
          <InviteForm project={project} onInvited={load} />
        </>
      )}
      <h3 className="sharing-head">Who belongs to it</h3>
      {sharers === null ? (
        type === 'online' ? (
          <Spinner label="Asking the relay" />
        ) : (
          <p className="sharing-text">This is seen when the relay is there again.</p>
        )
      ) : (
        <>
          <ul className="sharing-list" aria-label="Members">
            {sharers.members.map((member) => (
              <Member
                key={member.user}
                member={member}
                isOwner={isOwner}
                onRole={(role) => change(() => commands.setMemberRole({ project, user: member.user, role }))}
                onRemove={() => change(() => commands.removeMember({ project, id: member.user }))}
              />
            ))}
            {sharers.invitations.map(({ id, email, role }) => (
              <li key={id}>
                <span className="sharing-who">
                  <strong>{email}</strong>
                  <span>{`Invited as ${ROLES[role].name.toLowerCase()}; has not come yet`}</span>
                </span>
                <IconButton icon="close" label={`Take back the invitation of ${email}`} onClick={() => change(() => commands.uninvite({ project, id }))} />
              </li>
            ))}
          </ul>
          {sharers.links.length > 0 && (
            <>
              <h3 className="sharing-head">Links</h3>
              <ul className="sharing-list" aria-label="Links">
                {sharers.links.map((link) => (
                  <li key={link.id}>
                    <span className="sharing-who">
                      <strong>{`${ROLES[link.role].name}${link.admitsGuests ? ', also without an account' : ''}`}</strong>
                      <span>{link.members === 0 ? 'Nobody has come by it yet' : `${link.members} came by it`}</span>
                    </span>
                    <Button
                      size="small"
                      onClick={() => change(() => commands.revokeShareLink({ project, id: link.id }))}
                      aria-label={`Take back the link for ${ROLES[link.role].name}`}
                    >
                      Take back
                    </Button>
                  </li>
                ))}
              </ul>
            </>
          )}
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

const GIVEN: readonly { value: Role; label: string }[] = (['editor', 'commenter', 'viewer'] as const).map((value) => ({ value, label: ROLES[value].name }))

function Member({
  member,
  isOwner,
  onRole,
  onRemove,
}: {
  member: ShareMember
  isOwner: boolean
  onRole: (role: Role) => void
  onRemove: () => void
}) {
  const { name, email, isGuest, isMe, role } = member
  return (
    <li>
      <Avatar user={member.user} name={name} />
      <span className="sharing-who">
        <strong>{`${name}${isMe ? ' (you)' : ''}`}</strong>
        <span>{isGuest ? 'Guest' : (email ?? ROLES[role].can)}</span>
      </span>
      {isOwner && role !== 'owner' ? (
        <>
          <Select label={`Role of ${name}`} hideLabel value={role} options={GIVEN} onChange={onRole} />
          <IconButton icon="close" label={`Remove ${name} from the project`} onClick={onRemove} />
        </>
      ) : (
        <span className="sharing-role">{ROLES[role].name}</span>
      )}
    </li>
  )
}
