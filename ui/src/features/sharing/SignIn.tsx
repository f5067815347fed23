// Signing in at a relay: its address; then through others, or with e-mail address and password.
import { type FormEvent, useState } from 'react'
import { Button } from '../../design/Button'
import { TextField } from '../../design/Field'
import { asCallError } from '../../ipc/call'
import { commands, type RelayAccount } from '../../ipc/generated'
import { loadAccounts } from '../../state/sharing'
import { SignInWays } from './SignInWays'

/** `relay` is given when there is no choice. */
export function SignIn({ relay, onSignedIn }: { relay?: string | undefined; onSignedIn: (account: RelayAccount) => void }) {
  const [address, setAddress] = useState(relay ?? '')
  // The address when it is typed to its end: it is asked for then.
  const [known, setKnown] = useState(relay ?? '')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [state, setState] = useState<{ type: 'idle' } | { type: 'busy' } | { type: 'failed'; why: string }>({ type: 'idle' })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (state.type === 'busy') return
    setState({ type: 'busy' })
    void (async () => {
      try {
        const account = await commands.signIn({ relay: address, email, password })
        await loadAccounts()
        setState({ type: 'idle' })
        onSignedIn(account)
      } catch (error) {
        const { message, advice } = asCallError(error)
        setState({ type: 'failed', why: `${message} ${advice}`.trim() })
      }
    })()
  }
  return (
    <form className="sign-in" onSubmit={submit} aria-label="Sign in at a relay">
      <TextField
        label="Relay"
        value={address}
        onChange={setAddress}
        placeholder="relay.example.org"
        onBlur={() => setKnown(address.trim())}
        hint="The address of the relay of your group or institution."
        disabled={relay !== undefined}
        required
      />
      <SignInWays relay={known} onSignedIn={onSignedIn} />
      <TextField label="E-mail" type="email" value={email} onChange={setEmail} autoComplete="username" required />
      <TextField label="Password" type="password" value={password} onChange={setPassword} autoComplete="current-password" required />
      {state.type === 'failed' && (
        <p className="q-field-error" role="alert">
          {state.why}
        </p>
      )}
      <Button type="submit" variant="primary" busy={state.type === 'busy'} disabled={address.trim() === '' || email.trim() === '' || password === ''}>
        Sign in
      </Button>
    </form>
  )
}

/** Why one will have to sign in again after the next start. */
export function NotKept({ account }: { account: RelayAccount }) {
  if (account.notKept === null) return null
  return (
    <p className="sharing-note" role="note">
      Quire could not keep your sign-in in the keyring of this system ({account.notKept}): after the next start you will have to sign in again.
    </p>
  )
}
