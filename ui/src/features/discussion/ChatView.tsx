// What the authors of a project say to each other, the newest below.
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { EmptyState } from '../../design/EmptyState'
import { isMe, talk, useDiscussion, write } from '../../state/discussion/discussion'
import { say, takeBack } from '../../state/discussion/chat'
import { useRights } from '../../state/sharing'
import { dayOf } from '../../state/when'
import { chatSeen, chatOf, seeChat } from './chatSeen'
import { Composer } from './Composer'
import { useReview } from './review'
import { OnlyReading } from './sections'
import { OneMessage } from './ThreadCard'

export function ChatView() {
  const version = useDiscussion((state) => state.version)
  const list = useRef<HTMLDivElement>(null)
  // Where the new ones begin, as it was when the chat was opened.
  const [seenAtFirst] = useState(chatSeen)
  const shownAt = useReview((state) => state.shownAt)
  const wanted = useReview((state) => state.message)
  const { people } = talk()
  const chat = chatOf()
  const last = chat.at(-1)?.id ?? null
  const mayWrite = useRights() !== 'read'

  // The newest is in sight, and has been seen.
  useLayoutEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight })
  }, [last])
  // So is the one that one came for.
  useLayoutEffect(() => {
    list.current?.querySelector('[data-wanted]')?.scrollIntoView({ block: 'center' })
  }, [wanted])
  useEffect(() => seeChat(last), [last])

  const now = Math.max(shownAt, chat.at(-1)?.at ?? 0)
  const firstNew = chat.findIndex(({ id }) => id === seenAtFirst) + 1
  const newLine = chat.findIndex(({ author }, index) => index >= firstNew && !isMe(author.id))
  return (
    <div className="talk-list" data-version={version}>
      <div ref={list} className="talk-scroll talk-chat q-scroll" role="log" aria-label="Chat">
        {chat.length === 0 && (
          <EmptyState icon="people" title="Nothing said yet">
            Notes and questions about the whole project. Whoever shares it reads them.
          </EmptyState>
        )}
        <ol className="talk-messages">
          {chat.flatMap((message, index) => {
            const before = chat[index - 1]
            const day = dayOf(message.at, now)
            const heads = [
              ...(before === undefined || dayOf(before.at, now) !== day ? [<li key={`day ${message.id}`} className="talk-day">{day}</li>] : []),
              ...(index === newLine && index > 0 ? [<li key="new" className="talk-new">New</li>] : []),
            ]
            const onDelete = () => void write((doc) => takeBack(doc, message.id))
            return [...heads, <OneMessage key={message.id} message={message} people={people} now={message.at} isWanted={message.id === wanted} onDelete={mayWrite ? onDelete : undefined} />]
          })}
        </ol>
      </div>
      <div className="talk-chat-foot">
        {mayWrite ? (
          <Composer label="Message" sendLabel="Send" onSend={(written) => write((doc, author, at) => say(doc, author, at, written))} />
        ) : (
          <OnlyReading>You are a reader of this project, and can read what is said.</OnlyReading>
        )}
      </div>
    </div>
  )
}
