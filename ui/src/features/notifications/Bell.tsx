// The bell: how much there is to know of, and the list of it. Only for who is signed in at a relay.
import { type KeyboardEvent, useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Select } from '../../design/Field'
import { Icon } from '../../design/Icon'
import { Popover } from '../../design/Popover'
import { type AccountNotifications, commands, type Digest, type Notification } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { openNotification, seeAll, unseenIn, useNotifications } from '../../state/notifications'
import { loadAccounts, useSharing } from '../../state/sharing'
import { clockOf, dayOf } from '../../state/when'
import { awayWords, bellLabel, whatHappened } from './words'
import './notifications.css'

export function Bell() {
  const lists = useNotifications((state) => state.lists)
  const [open, setOpen] = useState(false)
  if (lists.length === 0) return null
  const unseen = unseenIn(lists)
  return (
    <>
      <Popover
        label="Notifications"
        open={open}
        onOpenChange={(next) => {
          setOpen(next)
          if (next) void attempt(() => Promise.all([commands.askForNotifications(), loadAccounts()]))
        }}
        trigger={
          <button type="button" className="q-icon-button q-size-medium bell" aria-label={bellLabel(unseen)} title={bellLabel(unseen)}>
            <Icon name="bell" />
            {unseen > 0 && (
              <span className="bell-count" aria-hidden>
                {unseen > 99 ? '99+' : unseen}
              </span>
            )}
          </button>
        }
      >
        <News lists={lists} onGo={() => setOpen(false)} />
      </Popover>
      {/* Heard when it changes, wherever one is. */}
      <span className="q-hidden" role="status">
        {unseen === 0 ? '' : bellLabel(unseen)}
      </span>
    </>
  )
}

function News({ lists, onGo }: { lists: readonly AccountNotifications[]; onGo: () => void }) {
  const [now] = useState(() => Date.now())
  const hasSome = lists.some(({ notifications }) => notifications.length > 0)
  return (
    <>
      <div className="news-head">
        <h2>Notifications</h2>
        {unseenIn(lists) > 0 && (
          <Button size="small" variant="ghost" icon="check" onClick={() => void Promise.all(lists.filter(({ unseen }) => unseen > 0).map(seeAll))}>
            Mark all as read
          </Button>
        )}
      </div>
      <div className="news-scroll q-scroll">
        {lists.map((list) => (
          <section key={`${list.relay} ${list.user}`} aria-label={list.relayName}>
            {lists.length > 1 && <h3 className="news-relay">{list.relayName}</h3>}
            {list.isAway !== null && (
              <p className="news-away" role="note">
                {awayWords(list, now)}
              </p>
            )}
            <ul className="news">
              {list.notifications.map((one) => (
                <li key={one.id}>
                  <OneThing
                    one={one}
                    now={now}
                    onOpen={() => {
                      onGo()
                      void openNotification(list, one)
                    }}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {!hasSome && (
          <EmptyState icon="bell" title="Nothing new">
            Invitations, and messages that mention or answer you, are listed here.
          </EmptyState>
        )}
      </div>
      <div className="news-foot">
        {lists.map((list) => (
          <Letters key={`${list.relay} ${list.user}`} list={list} isOnlyOne={lists.length === 1} />
        ))}
      </div>
    </>
  )
}

function OneThing({ one, now, onOpen }: { one: Notification; now: number; onOpen: () => void }) {
  const at = Date.parse(one.at)
  const day = dayOf(at, now)
  return (
    <button type="button" className="news-one" data-new={!one.isSeen || undefined} onClick={onOpen} onKeyDown={walk}>
      <span className="news-dot" aria-hidden />
      <span className="news-what">
        {!one.isSeen && <span className="q-hidden">New: </span>}
        <strong>{one.by ?? 'Somebody'}</strong> {whatHappened(one)} <strong>{one.projectName}</strong>
      </span>
      {one.excerpt !== '' && <span className="news-excerpt">{one.excerpt}</span>}
      <span className="news-when">
        <time dateTime={one.at} title={new Date(at).toLocaleString()}>
          {day === 'Today' ? clockOf(at) : `${day}, ${clockOf(at)}`}
        </time>
        {one.kind === 'invitation' && <span className="news-join">Join</span>}
      </span>
    </button>
  )
}

/** The arrows go from one to the next. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const all = [...(event.currentTarget.closest('.news-scroll')?.querySelectorAll<HTMLElement>('.news-one') ?? [])]
  const at = all.indexOf(event.currentTarget)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  all[Math.min(Math.max(next, 0), all.length - 1)]?.focus()
}

/** How often e-mail tells what was not seen: for who has an address, and while the relay can be asked. */
function Letters({ list: { relay, user, relayName, isAway }, isOnlyOne }: { list: AccountNotifications; isOnlyOne: boolean }) {
  const email = useSharing((state) => state.accounts).find((account) => account.relay === relay && account.user === user)?.email ?? null
  const [digest, setDigest] = useState<Digest | null>(null)

  // What the relay knows of it.
  useEffect(() => {
    let ended = false
    if (email !== null && isAway === null) {
      commands.digest({ relay, user }).then(
        (known) => !ended && setDigest(known),
        // The relay may be away since a moment: then there is no choice.
        () => undefined,
      )
    }
    return () => {
      ended = true
    }
  }, [relay, user, email, isAway])

  if (email === null || digest === null || isAway !== null) return null
  const choose = (wanted: Digest) => {
    setDigest(wanted)
    void attempt(() => commands.setDigest({ relay, user, digest: wanted })).then((isDone) => !isDone && setDigest(digest))
  }
  return (
    <Select<Digest>
      label={isOnlyOne ? 'E-mail about what is not read' : `E-mail from ${relayName}`}
      value={digest}
      onChange={choose}
      options={[
        { value: 'off', label: 'Never' },
        { value: 'hourly', label: 'At most once an hour' },
        { value: 'daily', label: 'At most once a day' },
      ]}
    />
  )
}
