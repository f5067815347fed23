// A comment with its replies, and what its reader can do about it.
import { useEffect, useRef, useState } from 'react'
import { IconButton } from '../../design/Button'
import { Icon } from '../../design/Icon'
import { isMe, lookAtThread, useDiscussion, write } from '../../state/discussion/discussion'
import type { Author } from '../../state/discussion/people'
import { editMessage, type Message, reply, setResolved, type Thread } from '../../state/discussion/threads'
import { useRights } from '../../state/sharing'
import { Composer } from './Composer'
import { Initials, When, Words } from './parts'

/** Where a thread is: `isGone` when its text was deleted; null while that is not known. */
export type ThreadPlace = { line: number; isGone: boolean } | null

export function ThreadCard({
  thread,
  place,
  people,
  now,
  onGo,
}: {
  thread: Thread
  place: ThreadPlace
  people: readonly Author[]
  now: number
  onGo: () => void
}) {
  const isActive = useDiscussion((state) => state.thread === thread.id)
  const card = useRef<HTMLElement>(null)
  const [editing, setEditing] = useState<string | null>(null)
  const { resolved } = thread
  const mayWrite = useRights() !== 'read'

  // The thread that was asked for in the text is seen in the list.
  useEffect(() => {
    if (isActive) card.current?.scrollIntoView({ block: 'nearest' })
  }, [isActive])

  const author = thread.messages[0]?.author
  return (
    <article ref={card} className="talk-card" data-active={isActive || undefined} aria-label={`Comment by ${author?.name ?? ''}`} onFocus={() => lookAtThread(thread.id)}>
      <div className="talk-card-head">
        <button type="button" className="talk-quote" onClick={onGo} title={place?.isGone === true ? 'Go to where it was' : 'Go to the text'}>
          <q>{thread.anchor.quote}</q>
          {place?.isGone === true && <span className="talk-gone">The text was deleted.</span>}
        </button>
        {place !== null && !place.isGone && <span className="talk-line">{place.line}</span>}
        {mayWrite && (
          <IconButton
            size="small"
            icon={resolved === null ? 'check' : 'restore'}
            label={resolved === null ? 'Resolve' : 'Open again'}
            onClick={() => void write((doc, by, at) => setResolved(doc, by, at, thread.id, resolved === null))}
          />
        )}
      </div>
      <ol className="talk-messages">
        {thread.messages.map((message) =>
          editing === message.id ? (
            <li key={message.id}>
              <Composer
                label="Your comment"
                sendLabel="Save"
                initial={{ text: message.text, mentions: message.mentions ?? [] }}
                autoFocus
                keepOpen
                onCancel={() => setEditing(null)}
                onSend={async (written) => {
                  setEditing(null)
                  return write((doc) => editMessage(doc, thread.id, message.id, written))
                }}
              />
            </li>
          ) : (
            <OneMessage
              key={message.id}
              message={message}
              people={people}
              now={now}
              onEdit={mayWrite ? () => setEditing(message.id) : undefined}
              onDelete={mayWrite ? () => void write((doc) => editMessage(doc, thread.id, message.id, null)) : undefined}
            />
          ),
        )}
      </ol>
      {resolved !== null && (
        <p className="talk-resolved">
          <Icon name="check" size={0.875} /> Resolved by {resolved.author.name}, <When at={resolved.at} now={now} />
        </p>
      )}
      {isActive && editing === null && mayWrite && (
        <Composer label="Reply" sendLabel="Reply" onSend={(written) => write((doc, by, at) => reply(doc, by, at, thread.id, written))} />
      )}
    </article>
  )
}

/** Something that was said, with what its author can do about it. */
export function OneMessage({
  message,
  people,
  now,
  isWanted = false,
  onEdit,
  onDelete,
}: {
  message: Message
  people: readonly Author[]
  now: number
  /** It is the one that one came for. */
  isWanted?: boolean
  onEdit?: (() => void) | undefined
  onDelete?: (() => void) | undefined
}) {
  return (
    <li className="talk-message" data-wanted={isWanted || undefined}>
      <div className="talk-message-head">
        <Initials author={message.author} />
        <span className="talk-name">{message.author.name}</span>
        <When at={message.at} now={now} />
        {message.isEdited && <span className="talk-when">edited</span>}
        {isMe(message.author.id) && (
          <span className="talk-own">
            {onEdit !== undefined && <IconButton size="small" icon="pencil" label="Edit" onClick={onEdit} />}
            {onDelete !== undefined && <IconButton size="small" icon="trash" label="Delete" onClick={onDelete} />}
          </span>
        )}
      </div>
      <Words text={message.text} people={message.mentions ?? people} isMe={isMe} />
    </li>
  )
}
