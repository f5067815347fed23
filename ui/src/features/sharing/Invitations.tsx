// Invitations by e-mail: sent, waiting, taken back.
import { type FormEvent, useState } from 'react'
import { Button } from '../../design/Button'
import { Select, TextField } from '../../design/Field'
import { showToast } from '../../design/toasts'
import { commands, type ProjectId, type Role, type ShareInvitation } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { endText, GIVEN_ROLES, ROLES } from './words'

export function Invitations({ project, invitations, onChanged }: { project: ProjectId; invitations: readonly ShareInvitation[]; onChanged: () => Promise<void> }) {
  return (
    <section aria-label="Invitations">
      <InviteForm project={project} onInvited={onChanged} />
      {invitations.length > 0 && (
        <ul className="sharing-list" aria-label="Invitations that wait">
          {invitations.map(({ id, email, role, expiresAt }) => (
            <li key={id}>
              <span className="sharing-who">
                <strong>{email}</strong>
                <span>{`Invited as ${ROLES[role].name.toLowerCase()}, has not come yet; ${endText(expiresAt)}`}</span>
              </span>
              <Button size="small" aria-label={`Take back the invitation of ${email}`} onClick={() => void attempt(() => commands.uninvite({ project, id })).then(onChanged)}>
                Take back
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function InviteForm({ project, onInvited }: { project: ProjectId; onInvited: () => Promise<void> }) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('editor')
  const [busy, setBusy] = useState(false)
  const invite = (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    void attempt(async () => {
      await commands.invite({ project, email, role })
      showToast({ tone: 'success', title: `${email} is invited.` })
      setEmail('')
      await onInvited()
    }, 'Nobody was invited.').finally(() => setBusy(false))
  }
  return (
    <form className="sharing-form" onSubmit={invite}>
      <h3 className="sharing-head">An invitation by e-mail</h3>
      <div className="sharing-row">
        <TextField label="E-mail" type="email" value={email} onChange={setEmail} className="sharing-wide" />
        <Select label="As" value={role} options={GIVEN_ROLES.map((value) => ({ value, label: ROLES[value].name }))} onChange={setRole} />
        <Button type="submit" busy={busy} disabled={email.trim() === ''}>
          Invite
        </Button>
      </div>
    </form>
  )
}
