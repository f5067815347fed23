// Links into a shared project: made for a role and a time, and taken back.
import { type FormEvent, useState } from 'react'
import { Button } from '../../design/Button'
import { ConfirmDialog } from '../../design/Dialog'
import { Checkbox, Select, TextField } from '../../design/Field'
import { showToast } from '../../design/toasts'
import { commands, type ProjectId, type Role, type ShareLink } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { howMany } from '../../state/names'
import { endText, GIVEN_ROLES, ROLES } from './words'

const GIVEN = GIVEN_ROLES.map((value) => ({ value, label: `${ROLES[value].name}: ${ROLES[value].can}` }))

const DAY_MS = 24 * 3600 * 1000
type Lasting = 'always' | 'day' | 'week' | 'month'
const LASTING_MS: Readonly<Record<Lasting, number | null>> = { always: null, day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS }

export function Links({ project, links, onChanged }: { project: ProjectId; links: readonly ShareLink[]; onChanged: () => Promise<void> }) {
  const [asked, setAsked] = useState<ShareLink | null>(null)
  const [removesMembers, setRemovesMembers] = useState(false)
  const takeBack = (link: ShareLink, removes: boolean) => {
    setAsked(null)
    void attempt(() => commands.revokeShareLink({ project, id: link.id, removesMembers: removes })).then(onChanged)
  }
  return (
    <section aria-label="Links">
      <LinkForm project={project} onMade={onChanged} />
      {links.length > 0 && (
        <ul className="sharing-list" aria-label="Links that are good">
          {links.map((link) => (
            <li key={link.id}>
              <span className="sharing-who">
                <strong>{`${ROLES[link.role].name}${link.admitsGuests ? ', also without an account' : ''}`}</strong>
                <span>{`${link.members === 0 ? 'Nobody has come by it yet' : `${link.members} came by it`}; ${endText(link.expiresAt)}`}</span>
              </span>
              <Button
                size="small"
                onClick={() => {
                  setRemovesMembers(false)
                  if (link.members === 0) takeBack(link, false)
                  else setAsked(link)
                }}
                aria-label={`Take back the link for ${ROLES[link.role].name}`}
              >
                Take back
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asked !== null && (
        <ConfirmDialog
          open
          danger
          title="Take this link back?"
          description={
            <>
              <p className="sharing-text">Nobody comes in by it any more, and guests who did are out at once. Those with an account stay, unless you remove them too.</p>
              <Checkbox label={`Remove all who came by it (${howMany(asked.members, 'member')})`} checked={removesMembers} onChange={setRemovesMembers} />
            </>
          }
          confirmLabel="Take back"
          onCancel={() => setAsked(null)}
          onConfirm={() => takeBack(asked, removesMembers)}
        />
      )}
    </section>
  )
}

function LinkForm({ project, onMade }: { project: ProjectId; onMade: () => Promise<void> }) {
  const [role, setRole] = useState<Role>('editor')
  const [lasting, setLasting] = useState<Lasting>('always')
  const [admitsGuests, setAdmitsGuests] = useState(false)
  const [link, setLink] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const make = (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    void attempt(async () => {
      const lastsMs = LASTING_MS[lasting]
      const expiresAt = lastsMs === null ? null : new Date(Date.now() + lastsMs).toISOString()
      setLink(await commands.makeShareLink({ project, role, admitsGuests, expiresAt }))
      await onMade()
    }, 'No link was made.').finally(() => setBusy(false))
  }
  return (
    <form className="sharing-form" onSubmit={make}>
      <h3 className="sharing-head">A link to pass on</h3>
      <div className="sharing-row">
        <Select label="Who comes by it is" value={role} options={GIVEN} onChange={setRole} className="sharing-wide" />
        <Select<Lasting>
          label="It is good"
          value={lasting}
          onChange={setLasting}
          options={[
            { value: 'always', label: 'until you take it back' },
            { value: 'day', label: 'for a day' },
            { value: 'week', label: 'for a week' },
            { value: 'month', label: 'for 30 days' },
          ]}
        />
      </div>
      <div className="sharing-row sharing-ends">
        <Checkbox label="Also for people without an account" checked={admitsGuests} onChange={setAdmitsGuests} />
        <Button type="submit" variant="primary" icon="link" busy={busy}>
          Make a link
        </Button>
      </div>
      {link !== null && (
        <TextField
          label="The link, which is shown this once"
          value={link}
          onChange={() => undefined}
          readOnly
          onFocus={(event) => event.target.select()}
          hint="Whoever has it can come into the project, until you take it back or it ends."
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
