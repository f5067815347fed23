// The panel of comments and chat, joined to the files and the editor.
import { activeFile, useProject } from '../../state/project'
import { ReviewPanel } from '../../features/discussion/ReviewPanel'
import { goToThread, pathOfDocument } from './review'

export function Review() {
  const active = useProject(activeFile)
  // Files are renamed, and get documents.
  useProject((state) => state.open?.files)
  return <ReviewPanel active={active} pathOf={pathOfDocument} onGo={(thread) => void goToThread(thread)} />
}
