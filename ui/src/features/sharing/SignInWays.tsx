// Signing in through others: the buttons of a relay's providers, and what is said while the browser is away.
import { useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { Spinner } from '../../design/Progress'
import { asCallError } from '../../ipc/call'
import { commands, type RelayAccount, type SignInWay } from '../../ipc/generated'
import { openAddress } from '../../ipc/system'
import { loadAccounts } from '../../state/sharing'

type State = { type: 'idle' } | { type: 'away'; name: string } | { type: 'failed'; why: string }

/** `relay` is an address that is typed to its end; empty while there is none. */
export function SignInWays({ relay, onSignedIn }: { relay: string; onSignedIn: (account: RelayAccount) => void }) {
  const [offer, setOffer] = useState<{ relay: string; ways: readonly SignInWay[] }>({ relay: '', ways: [] })
  const [state, setState] = useState<State>({ type: 'idle' })

  // What the relay offers, which it tells everybody; one that is not reached says so when one signs in.
  useEffect(() => {
    if (relay === '') return
    let ended = false
    commands.signInWays({ relay }).then(
      (ways) => {
        if (!ended) setOffer({ relay, ways })
      },
      () => undefined,
    )
    return () => {
      ended = true
    }
  }, [relay])

  // The sign-in in the browser: closing the dialog gives it up.
  useEffect(() => () => void commands.giveUpBrowserSignIn(), [])

  const begin = async ({ id, name }: SignInWay) => {
    setState({ type: 'away', name })
    try {
      await openAddress(await commands.beginBrowserSignIn({ relay, way: id }))
      const account = await commands.finishBrowserSignIn()
      await loadAccounts()
      setState({ type: 'idle' })
      onSignedIn(account)
    } catch (error) {
      const { code, message, advice } = asCallError(error)
      setState(code === 'cancelled' ? { type: 'idle' } : { type: 'failed', why: `${message} ${advice}`.trim() })
    }
  }
  const ways = offer.relay === relay ? offer.ways : []
  if (ways.length === 0) return null
  return (
    <div className="sign-in-ways" role="group" aria-label="Sign in through">
      {state.type === 'away' ? (
        <>
          <p className="sharing-text" role="status">
            <Spinner label="Waiting" /> Sign in with {state.name} in your browser, then come back here.
          </p>
          <Button onClick={() => void commands.giveUpBrowserSignIn()}>Cancel</Button>
        </>
      ) : (
        ways.map((way) => (
          <Button key={way.id} variant="primary" icon="people" onClick={() => void begin(way)}>
            Sign in with {way.name}
          </Button>
        ))
      )}
      {state.type === 'failed' && (
        <p className="q-field-error" role="alert">
          {state.why}
        </p>
      )}
      {state.type !== 'away' && <p className="sign-in-or">or with your password there</p>}
    </div>
  )
}
