// Coming into a project by a link: look at what it promises, sign in or give a name, and one is there.
import { type FormEvent, useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { TextField } from '../../design/Field'
import { asCallError } from '../../ipc/call'
import { commands, type LinkOffer, type ProjectId } from '../../ipc/generated'
import { loadAccounts, showJoined, useSharing } from '../../state/sharing'
import { SignIn } from './SignIn'
import { ROLES } from './words'
import './sharing.css'

type Step = { type: 'link' } | { type: 'offer'; offer: LinkOffer }

export function JoinDialog({ onClose }: { onClose: () => void }) {
  const [link, setLink] = useState('')
  const [step, setStep] = useState<Step>({ type: 'link' })
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)

  // Who is signed in, which the application knows.
  useEffect(() => void loadAccounts(), [])

  const tryTo = (work: () => Promise<void>) => {
    setBusy(true)
    setFailed(null)
    void (async () => {
      try {
        await work()
      } catch (error) {
        const { message, advice } = asCallError(error)
        setFailed(`${message} ${advice}`.trim())
      }
      setBusy(false)
    })()
  }
  const look = (event: FormEvent) => {
    event.preventDefault()
    tryTo(async () => setStep({ type: 'offer', offer: await commands.lookAtLink({ link }) }))
  }
  const enter = (join: () => Promise<ProjectId>) =>
    tryTo(async () => {
      const project = await join()
      onClose()
      await showJoined(project)
    })
  return (
    <Dialog open onOpenChange={onClose} title="Join a project" size="small">
      {step.type === 'link' ? (
        <form className="sharing-form" onSubmit={look}>
          <TextField
            label="Link or invitation"
            value={link}
            onChange={setLink}
            placeholder="https://relay.example.org/join#link=…"
            hint="You got it from a co-author or in a letter."
            required
          />
          <Button type="submit" variant="primary" busy={busy} disabled={link.trim() === ''}>
            Go on
          </Button>
        </form>
      ) : (
        <Offered offer={step.offer} link={link} busy={busy} onEnter={enter} />
      )}
      {failed !== null && (
        <p className="q-field-error" role="alert">
          {failed}
        </p>
      )}
    </Dialog>
  )
}

function Offered({
  offer,
  link,
  busy,
  onEnter,
}: {
  offer: LinkOffer
  link: string
  busy: boolean
  onEnter: (join: () => Promise<ProjectId>) => void
}) {
  const accounts = useSharing((state) => state.accounts).filter(({ relay, email }) => relay === offer.relay && email !== null)
  const [name, setName] = useState('')
  const { project, role, relayName } = offer
  const guest = (event: FormEvent) => {
    event.preventDefault()
    onEnter(() => commands.joinAsGuest({ link, name }))
  }
  return (
    <>
      <p className="sharing-text">
        {project === null ? 'You are invited into a project' : `You will belong to “${project}”`}
        {` at the relay ${relayName}`}
        {role === null ? '.' : `, as ${ROLES[role].name.toLowerCase()}: one who ${ROLES[role].can}.`}
      </p>
      {accounts.map(({ user, name: known }) => (
        <Button key={user} variant="primary" icon="people" busy={busy} onClick={() => onEnter(() => commands.joinByLink({ link, user }))}>
          Join as {known}
        </Button>
      ))}
      {offer.admitsGuests && (
        <form className="sharing-form" onSubmit={guest}>
          <TextField label="Your name, as others see it" value={name} onChange={setName} maxLength={100} />
          <Button type="submit" busy={busy} disabled={name.trim() === ''}>
            Join without an account
          </Button>
        </form>
      )}
      {accounts.length === 0 && (
        <>
          {offer.admitsGuests && <h3 className="sharing-head">Or with your account</h3>}
          <SignIn relay={offer.relay} onSignedIn={({ user }) => onEnter(() => commands.joinByLink({ link, user }))} />
        </>
      )}
    </>
  )
}
