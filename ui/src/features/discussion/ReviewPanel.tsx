// Comments, suggestions and chat in the side bar.
import { SegmentedControl } from '../../design/Field'
import type { ProjectPath } from '../../ipc/generated'
import { talk, useDiscussion } from '../../state/discussion/discussion'
import type { Thread } from '../../state/discussion/threads'
import { ChatView } from './ChatView'
import { useUnread } from './chatSeen'
import { CommentsView } from './CommentsView'
import { type ReviewTab, showTab, useReview } from './review'

const count = (number: number): string => (number === 0 ? '' : ` ${number}`)

export function ReviewPanel(props: { active: ProjectPath | null; pathOf: (document: string) => ProjectPath | null; onGo: (thread: Thread) => void }) {
  useDiscussion((state) => state.version)
  const isThere = useDiscussion((state) => state.doc !== null)
  const tab = useReview((state) => state.tab)
  const unread = useUnread()
  const open = talk().threads.filter(({ resolved }) => resolved === null).length
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
            { value: 'chat', label: `Chat${count(unread)}` },
          ]}
        />
      </div>
      {tab === 'comments' && <CommentsView {...props} />}
      {tab === 'chat' && <ChatView />}
    </div>
  )
}
