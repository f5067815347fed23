// Goes to the message that one came for from the bell, once the project's discussion has it.
import { showToast } from '../../design/toasts'
import { chatOf } from '../../features/discussion/chatSeen'
import { useReview } from '../../features/discussion/review'
import type { ProjectId } from '../../ipc/generated'
import { talk, useDiscussion } from '../../state/discussion/discussion'
import { type Goal, useNotifications } from '../../state/notifications'
import { goToThread, showReview } from './review'

/** What was said a moment ago may be on its way; what is not there by then was deleted. */
const PATIENCE_MS = 15_000

/** Goes where one wants to in a project, until the function returned is called. */
export function watchGoal(project: ProjectId): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let waitsFor: Goal | null = null
  const look = () => {
    const { goal } = useNotifications.getState()
    if (goal?.project !== project) return
    if (reach(goal)) {
      clearTimeout(timer)
      useNotifications.setState({ goal: null })
    } else if (goal !== waitsFor) {
      waitsFor = goal
      clearTimeout(timer)
      timer = setTimeout(() => giveUp(goal), PATIENCE_MS)
    }
  }
  const ends = [useNotifications.subscribe(look), useDiscussion.subscribe((now, before) => now.version !== before.version && look())]
  look()
  return () => {
    clearTimeout(timer)
    for (const end of ends) end()
  }
}

/** True when it is shown. */
function reach({ thread, message }: Goal): boolean {
  if (thread === null) {
    if (!chatOf().some(({ id }) => id === message)) return false
    showReview('chat')
    useReview.setState({ message })
    return true
  }
  const found = talk().threads.find(({ id }) => id === thread)
  if (found === undefined) return false
  showReview('comments')
  void goToThread(found)
  return true
}

function giveUp(goal: Goal): void {
  if (useNotifications.getState().goal !== goal) return
  useNotifications.setState({ goal: null })
  showToast({ tone: 'warning', title: goal.thread === null ? 'This message is not in the chat any more.' : 'This comment was deleted.' })
}
