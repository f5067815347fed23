// The comments of a file or of the whole project, in the order of the text.
import { useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Select } from '../../design/Field'
import { shortcutKeys } from '../../design/shortcut'
import { concernsMe, talk, useDiscussion, write } from '../../state/discussion/discussion'
import { comment, type Thread } from '../../state/discussion/threads'
import { useRights } from '../../state/sharing'
import { Composer } from './Composer'
import { useReview } from './review'
import { FileSections, type Files, isInScope, ScopeSelect } from './sections'
import { ThreadCard } from './ThreadCard'

/** Which threads are shown. */
type Filter = 'open' | 'resolved' | 'mine' | 'all'

/** The shortcut of the command that comments. */
export const COMMENT_SHORTCUT = 'Mod+Alt+M'

export function CommentsView({ onGo, ...files }: Files & { onGo: (thread: Thread) => void }) {
  const version = useDiscussion((state) => state.version)
  const { draft, places, scope, shownAt } = useReview()
  const mayComment = useRights() !== 'read'
  const [filter, setFilter] = useState<Filter>('open')
  const { threads, people } = talk()

  const passes = (thread: Thread) => filter === 'all' || (filter === 'mine' ? concernsMe(thread, people) : (thread.resolved === null) === (filter === 'open'))
  const shown = threads.filter((thread) => isInScope(files, scope, thread.document) && passes(thread))
  // A list that is looked at all day tells the right day.
  const now = Math.max(shownAt, ...threads.map(({ messages }) => messages.at(-1)?.at ?? 0))
  return (
    <div className="talk-list" data-version={version}>
      <div className="talk-filters">
        <ScopeSelect />
        <Select<Filter>
          label="Which"
          hideLabel
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'open', label: 'Open' },
            { value: 'resolved', label: 'Resolved' },
            { value: 'mine', label: 'With me' },
            { value: 'all', label: 'All' },
          ]}
        />
      </div>
      <div className="talk-scroll q-scroll">
        {draft !== null && (
          <article className="talk-card" data-active aria-label="New comment">
            <div className="talk-card-head">
              <span className="talk-quote">
                <q>{draft.anchor.quote}</q>
              </span>
            </div>
            <Composer
              key={draft.number}
              label="Comment; @ speaks to somebody"
              sendLabel="Comment"
              autoFocus
              keepOpen
              onCancel={() => useReview.setState({ draft: null })}
              onSend={async (written) => {
                const done = await write((doc, author, at) => {
                  const thread = comment(doc, author, at, draft.document, draft.anchor, written)
                  useDiscussion.setState({ thread })
                })
                if (done) useReview.setState({ draft: null })
                return done
              }}
            />
          </article>
        )}
        <FileSections items={shown} {...files}>
          {(thread) => <ThreadCard key={thread.id} thread={thread} place={places.get(thread.id) ?? null} people={people} now={now} onGo={() => onGo(thread)} />}
        </FileSections>
        {shown.length === 0 && draft === null && (
          <EmptyState icon="comment" title={EMPTY[filter]} actions={filter === 'open' ? undefined : <Button onClick={() => setFilter('open')}>Show open ones</Button>}>
            {filter === 'open' && mayComment && `Select some text and press ${shortcutKeys(COMMENT_SHORTCUT).join('+')}, or the button at the selection.`}
            {filter === 'open' && !mayComment && 'You are a reader of this project: what others comment is shown here.'}
          </EmptyState>
        )}
      </div>
    </div>
  )
}

const EMPTY: Readonly<Record<Filter, string>> = {
  open: 'No open comments',
  resolved: 'Nothing resolved yet',
  mine: 'No comments with you',
  all: 'No comments yet',
}
