// What comments, suggestions and chat have in common: who, when, and words with names in them.
import { type Author, piecesOf } from '../../state/discussion/people'
import { clockOf, dayOf } from '../../state/when'
import './discussion.css'

const COLOURS = 6

/** The colour of an author, a number from 1: the same on every computer. */
export function colourOf(author: string): number {
  let sum = 0
  for (const character of author) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return (sum % COLOURS) + 1
}

/** The first letters of a name, in the author's colour. */
export function Initials({ author }: { author: Author }) {
  const letters = author.name.split(/\s+/).flatMap((word) => [...word].slice(0, 1))
  return (
    <span className={`talk-initials talk-author-${colourOf(author.id)}`} aria-hidden>
      {[letters[0], letters.length > 1 ? letters.at(-1) : undefined].join('').toUpperCase() || '?'}
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
export function Words({ text, people, me }: { text: string; people: readonly Author[]; me: string | null }) {
  return (
    <div className="talk-words">
      {piecesOf(text, people).map(({ text: piece, person }, index) =>
        person === null ? (
          piece
        ) : (
          <span key={index} className="talk-mention" data-me={person.id === me || undefined}>
            {piece}
          </span>
        ),
      )}
    </div>
  )
}
