// Comments, suggestions and chat in the side bar.
import { SegmentedControl } from '../../design/Field'
import { talk, useDiscussion } from '../../state/discussion/discussion'
import type { Thread } from '../../state/discussion/threads'
import { ChatView } from './ChatView'
import { useUnread } from './chatSeen'
import { CommentsView } from './CommentsView'
import { SuggestionsView, type SuggestionActions } from './SuggestionsView'
import { type ReviewTab, showTab, useReview } from './review'
import type { Files } from './sections'

const count = (number: number): string => (number === 0 ? '' : ` ${number}`)

export function ReviewPanel({
  actions,
  ...props
}: Files & {
  onGo: (thread: Thread) => void
  actions: SuggestionActions
}) {
  useDiscussion((state) => state.version)
  const isThere = useDiscussion((state) => state.doc !== null)
  const tab = useReview((state) => state.tab)
  const unread = useUnread()
  const open = talk().threads.filter(({ resolved }) => resolved === null).length
  const suggested = talk().suggestions.filter(({ closed }) => closed === null).length
  if (!isThere) return null
  return (
    <div className="talk">
      <div className="talk-tabs">
        <SegmentedControl<ReviewTab>
          label="Shown here"
          value={tab}
          onChange={showTab}
          options={[
            { value: 'comments', label: `Comments${count(open)}` },
            { value: 'suggestions', label: `Suggestions${count(suggested)}` },
            { value: 'chat', label: `Chat${count(unread)}` },
          ]}
        />
      </div>
      {tab === 'comments' && <CommentsView {...props} />}
      {tab === 'suggestions' && <SuggestionsView active={props.active} pathOf={props.pathOf} actions={actions} />}
      {tab === 'chat' && <ChatView />}
    </div>
  )
}
