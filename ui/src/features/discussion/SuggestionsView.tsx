// What is suggested in a file or in the whole project, in the order of the text, and what can be done about it.
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Select } from '../../design/Field'
import { Icon } from '../../design/Icon'
import { shortcutKeys } from '../../design/shortcut'
import { grouped } from '../../state/discussion/grouped'
import { isMe, lookAtSuggestion, talk, useDiscussion } from '../../state/discussion/discussion'
import type { Suggestion } from '../../state/discussion/suggestions'
import { type Rights, useRights } from '../../state/sharing'
import { Initials, When } from './parts'
import { type ReviewPlace, useReview } from './review'
import { FileSections, type Files, isInScope, ScopeSelect } from './sections'

/** The shortcut of the command that begins and ends to suggest. */
export const SUGGEST_SHORTCUT = 'Mod+Alt+S'

/** What is done to suggestions, in the texts. */
export type SuggestionActions = {
  accept: (suggestions: readonly Suggestion[]) => void
  reject: (suggestions: readonly Suggestion[]) => void
  openAgain: (suggestion: Suggestion) => void
  go: (suggestion: Suggestion) => void
  toggle: () => void
}

const EVERYBODY = ''

export function SuggestionsView({ actions, ...files }: Files & { actions: SuggestionActions }) {
  const version = useDiscussion((state) => state.version)
  const isSuggesting = useDiscussion((state) => state.isSuggesting)
  const { places, scope, shownAt } = useReview()
  const rights = useRights()
  const [author, setAuthor] = useState(EVERYBODY)
  const [isClosed, setClosed] = useState(false)
  const { suggestions } = talk()

  const here = suggestions.filter((one) => isInScope(files, scope, one.document) && (one.closed !== null) === isClosed)
  const authors = [...grouped(here, (one) => one.author.id)].map(([id, own]) => ({ value: id, label: own.at(-1)?.author.name ?? '' }))
  const by = authors.some(({ value }) => value === author) ? author : EVERYBODY
  const shown = here.filter((one) => by === EVERYBODY || one.author.id === by)
  const now = Math.max(shownAt, ...suggestions.map(({ at }) => at))
  const possible = shown.filter((one) => files.pathOf(one.document) !== null)
  return (
    <div className="talk-list" data-version={version}>
      <div className="talk-filters">
        <ScopeSelect />
        <Select
          label="Which"
          hideLabel
          value={isClosed ? 'closed' : 'open'}
          onChange={(value) => setClosed(value === 'closed')}
          options={[
            { value: 'open', label: 'Open' },
            { value: 'closed', label: 'Decided' },
          ]}
        />
        {authors.length > 1 && <Select label="By" hideLabel value={by} onChange={setAuthor} options={[{ value: EVERYBODY, label: 'Everybody' }, ...authors]} />}
      </div>
      {!isClosed && rights === 'write' && possible.length > 1 && (
        <div className="talk-all">
          <Button size="small" icon="check" onClick={() => actions.accept(possible)}>
            Accept all {possible.length}
          </Button>
          <Button size="small" icon="close" onClick={() => actions.reject(possible)}>
            Reject all
          </Button>
        </div>
      )}
      <div className="talk-scroll q-scroll">
        <FileSections items={shown} {...files}>
          {(one) => <SuggestionCard key={one.id} suggestion={one} place={places.get(one.id) ?? null} now={now} rights={rights} actions={actions} />}
        </FileSections>
        {shown.length === 0 && (
          <EmptyState
            icon="suggest"
            title={isClosed ? 'Nothing decided yet' : 'No suggestions'}
            actions={isClosed || isSuggesting || rights === 'read' ? undefined : <Button onClick={actions.toggle}>Suggest changes</Button>}
          >
            {isClosed
              ? undefined
              : rights === 'read'
                ? 'You are a reader of this project: what others suggest is shown here.'
                : isSuggesting
                ? 'What you type and delete now is suggested: it is shown in the text and does not change it.'
                : `What is typed while one suggests (${shortcutKeys(SUGGEST_SHORTCUT).join('+')}) is shown in the text and does not change it before it is accepted.`}
          </EmptyState>
        )}
      </div>
    </div>
  )
}

const VERDICT = { accepted: 'Accepted', rejected: 'Rejected' } as const

function SuggestionCard({
  suggestion,
  place,
  now,
  rights,
  actions,
}: {
  suggestion: Suggestion
  place: ReviewPlace | null
  now: number
  rights: Rights
  actions: SuggestionActions
}) {
  const isActive = useDiscussion((state) => state.suggestion === suggestion.id)
  const card = useRef<HTMLElement>(null)
  const { insert, quote, closed } = suggestion

  // The suggestion that was asked for in the text is seen in the list.
  useEffect(() => {
    if (isActive) card.current?.scrollIntoView({ block: 'nearest' })
  }, [isActive])

  return (
    <article
      ref={card}
      className="talk-card"
      data-active={isActive || undefined}
      aria-label={`Suggestion by ${suggestion.author.name}`}
      onFocus={() => lookAtSuggestion(suggestion.id)}
    >
      <div className="talk-message-head">
        <Initials author={suggestion.author} />
        <span className="talk-name">{suggestion.author.name}</span>
        <When at={suggestion.at} now={now} />
        {place !== null && closed === null && !place.isGone && <span className="talk-line talk-own-line">Line {place.line}</span>}
      </div>
      <button type="button" className="talk-change" onClick={() => actions.go(suggestion)} title="Go to the text">
        {quote !== '' && <del>{quote}</del>}
        {insert !== '' && <ins>{insert}</ins>}
      </button>
      {closed === null && place?.isGone === true && (
        <span className="talk-gone">{quote === '' ? 'The text around it was deleted.' : 'What it would change was deleted by somebody.'}</span>
      )}
      {closed === null && place?.isPartlyGone === true && <span className="talk-gone">Some of it has been deleted meanwhile.</span>}
      {closed === null ? (
        <Decision suggestion={suggestion} rights={rights} actions={actions} />
      ) : (
        <div className="talk-decide">
          <span className="talk-verdict" data-verdict={closed.as}>
            <Icon name={closed.as === 'accepted' ? 'check' : 'close'} size={0.875} /> {VERDICT[closed.as]} by {closed.author.name}
          </span>
          {closed.as === 'rejected' && (rights === 'write' || (rights === 'discuss' && isMe(suggestion.author.id))) && (
            <Button size="small" variant="ghost" onClick={() => actions.openAgain(suggestion)}>
              Open again
            </Button>
          )}
        </div>
      )}
    </article>
  )
}

/** Editors decide; whoever else suggested it can take it back. */
function Decision({ suggestion, rights, actions }: { suggestion: Suggestion; rights: Rights; actions: SuggestionActions }) {
  if (rights === 'discuss' && isMe(suggestion.author.id)) {
    return (
      <div className="talk-decide">
        <Button size="small" icon="close" variant="ghost" onClick={() => actions.reject([suggestion])}>
          Take back
        </Button>
      </div>
    )
  }
  if (rights !== 'write') return null
  return (
    <div className="talk-decide">
      <Button size="small" icon="check" onClick={() => actions.accept([suggestion])}>
        Accept
      </Button>
      <Button size="small" icon="close" variant="ghost" onClick={() => actions.reject([suggestion])}>
        Reject
      </Button>
    </div>
  )
}
