// The panel of comments and chat, joined to the files and the editor.
import type { Suggestion } from '../../state/discussion/suggestions'
import { activeFile, useProject } from '../../state/project'
import { ReviewPanel } from '../../features/discussion/ReviewPanel'
import { goToSuggestion, goToThread, pathOfDocument } from './review'
import { acceptAll, openAgain, rejectAll, toggleSuggesting } from './suggesting'

const ACTIONS = {
  accept: (suggestions: readonly Suggestion[]) => void acceptAll(suggestions),
  reject: (suggestions: readonly Suggestion[]) => void rejectAll(suggestions),
  openAgain: (suggestion: Suggestion) => void openAgain(suggestion),
  go: (suggestion: Suggestion) => void goToSuggestion(suggestion),
  toggle: () => void toggleSuggesting(),
}

export function Review() {
  const active = useProject(activeFile)
  // Files are renamed, and get documents.
  useProject((state) => state.open?.files)
  return <ReviewPanel active={active} pathOf={pathOfDocument} actions={ACTIONS} onGo={(thread) => void goToThread(thread)} />
}
