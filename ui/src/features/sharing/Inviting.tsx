// The two ways by which others come into a project: a link to pass on, an invitation by e-mail.
import { type FormEvent, useState } from 'react'
import { Button } from '../../design/Button'
import { Checkbox, Select, TextField } from '../../design/Field'
import { showToast } from '../../design/toasts'
import { commands, type ProjectId, type Role } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { ROLES } from './words'

const GIVEN: readonly { value: Role; label: string }[] = (['editor', 'commenter', 'viewer'] as const).map((value) => ({
  value,
  label: `${ROLES[value].name}: ${ROLES[value].can}`,
}))

export function LinkForm({ project, onMade }: { project: ProjectId; onMade: () => Promise<void> }) {
  const [role, setRole] = useState<Role>('editor')
  const [admitsGuests, setAdmitsGuests] = useState(false)
  const [link, setLink] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const make = (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    void attempt(async () => {
      const made = await commands.makeShareLink({ project, role, admitsGuests })
      setLink(made)
      await onMade()
    }, 'No link was made.').finally(() => setBusy(false))
  }
  return (
    <form className="sharing-form" onSubmit={make}>
      <h3 className="sharing-head">A link to pass on</h3>
      <div className="sharing-row">
        <Select label="Who comes by it is" value={role} options={GIVEN} onChange={setRole} />
        <Button type="submit" variant="primary" icon="link" busy={busy}>
          Make a link
        </Button>
      </div>
      <Checkbox label="Also for people without an account" checked={admitsGuests} onChange={setAdmitsGuests} />
      {link !== null && (
        <TextField
          label="The link, which is shown this once"
          value={link}
          onChange={() => undefined}
          readOnly
          onFocus={(event) => event.target.select()}
          hint="Whoever has it can come into the project, until you take it back."
          trailing={
            <Button size="small" icon="copy" onClick={() => void attempt(() => copy(link))}>
              Copy
            </Button>
          }
        />
      )}
    </form>
  )
}

async function copy(link: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(link)
    showToast({ tone: 'success', title: 'The link is copied.' })
  } catch {
    // Without leave to copy, it can be selected and copied by hand.
    showToast({ title: 'The link was not copied.', detail: 'Select it and press Ctrl+C.' })
  }
}

export function InviteForm({ project, onInvited }: { project: ProjectId; onInvited: () => Promise<void> }) {
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
        <TextField label="E-mail" type="email" value={email} onChange={setEmail} className="sharing-email" />
        <Select label="As" value={role} options={GIVEN.map(({ value }) => ({ value, label: ROLES[value].name }))} onChange={setRole} />
        <Button type="submit" busy={busy} disabled={email.trim() === ''}>
          Invite
        </Button>
      </div>
    </form>
  )
}
