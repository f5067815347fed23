// The comments of a file or of the whole project, in the order of the text.
import { useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Select } from '../../design/Field'
import { shortcutKeys } from '../../design/shortcut'
import { concerns, me, talk, useDiscussion, write } from '../../state/discussion/discussion'
import { comment, type Thread } from '../../state/discussion/threads'
import type { ProjectPath } from '../../ipc/generated'
import { Composer } from './Composer'
import { type Scope, useReview } from './review'
import { ThreadCard } from './ThreadCard'

/** Which threads are shown. */
type Filter = 'open' | 'resolved' | 'mine' | 'all'

/** The shortcut of the command that comments. */
export const COMMENT_SHORTCUT = 'Mod+Alt+M'

/** `pathOf` knows the files by their documents. */
export function CommentsView({ active, pathOf, onGo }: { active: ProjectPath | null; pathOf: (document: string) => ProjectPath | null; onGo: (thread: Thread) => void }) {
  const version = useDiscussion((state) => state.version)
  const { draft, places, scope, shownAt } = useReview()
  const [filter, setFilter] = useState<Filter>('open')
  const { threads, people } = talk()
  const own = me()?.id ?? null

  const isShown = (thread: Thread) =>
    (scope === 'project' || pathOf(thread.document) === active) &&
    (filter === 'all' || (filter === 'mine' ? own !== null && concerns(thread, own, people) : (thread.resolved === null) === (filter === 'open')))
  const order = (thread: Thread) => places.get(thread.id)?.from ?? Number.MAX_SAFE_INTEGER
  const groups = new Map<string, Thread[]>()
  for (const thread of threads.filter(isShown)) {
    const path = pathOf(thread.document) ?? ''
    groups.set(path, [...(groups.get(path) ?? []), thread])
  }
  const files = [...groups].toSorted(([a], [b]) => Number(b === active) - Number(a === active) || a.localeCompare(b))
  // A list that is looked at all day tells the right day.
  const now = Math.max(shownAt, ...threads.map(({ messages }) => messages.at(-1)?.at ?? 0))
  return (
    <div className="talk-list" data-version={version}>
      <div className="talk-filters">
        <Select<Scope>
          label="Of"
          hideLabel
          value={scope}
          onChange={(value) => useReview.setState({ scope: value })}
          options={[
            { value: 'file', label: 'This file' },
            { value: 'project', label: 'All files' },
          ]}
        />
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
              people={people}
              autoFocus
              keepOpen
              onCancel={() => useReview.setState({ draft: null })}
              onSend={async (text) => {
                const done = await write((doc, author, at) => {
                  const thread = comment(doc, author, at, draft.document, draft.anchor, text)
                  useDiscussion.setState({ thread })
                })
                if (done) useReview.setState({ draft: null })
                return done
              }}
            />
          </article>
        )}
        {files.map(([path, found]) => (
          <section key={path} aria-label={path === '' ? 'Deleted files' : path}>
            {(scope === 'project' || path === '') && <h3>{path === '' ? 'In files that were deleted' : path}</h3>}
            {found
              .toSorted((a, b) => order(a) - order(b))
              .map((thread) => (
                <ThreadCard key={thread.id} thread={thread} place={places.get(thread.id) ?? null} people={people} now={now} onGo={() => onGo(thread)} />
              ))}
          </section>
        ))}
        {files.length === 0 && draft === null && (
          <EmptyState icon="comment" title={EMPTY[filter]} actions={filter === 'open' ? undefined : <Button onClick={() => setFilter('open')}>Show open ones</Button>}>
            {filter === 'open' && `Select some text and press ${shortcutKeys(COMMENT_SHORTCUT).join('+')}, or the button at the selection.`}
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
