// What comments, suggestions and chat have in common: who, when, and words with names in them.
import { peerClass } from '../../design/peerColor'
import { type Author, piecesOf } from '../../state/discussion/people'
import { initials } from '../../state/names'
import { clockOf, dayOf } from '../../state/when'
import './discussion.css'

/** The first letters of a name, in the author's colour. */
export function Initials({ author }: { author: Author }) {
  return (
    <span className={`talk-initials ${peerClass(author.id)}`} aria-hidden>
      {initials(author.name)}
    </span>
  )
}

/** When something was written, in words. */
export function When({ at, now }: { at: number; now: number }) {
  const day = dayOf(at, now)
  return (
    <time className="talk-when" dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {day === 'Today' ? clockOf(at) : `${day}, ${clockOf(at)}`}
    </time>
  )
}

/** A message with the names that it speaks to. */
export function Words({ text, people, isMe }: { text: string; people: readonly Author[]; isMe: (id: string) => boolean }) {
  return (
    <div className="talk-words">
      {piecesOf(text, people).map(({ text: piece, person }, index) =>
        person === null ? (
          piece
        ) : (
          <span key={index} className="talk-mention" data-me={isMe(person.id) || undefined}>
            {piece}
          </span>
        ),
      )}
    </div>
  )
}
