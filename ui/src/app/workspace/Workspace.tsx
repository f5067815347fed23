// The window with a project in it: files at the left, the editor, the pages, problems below, state at the bottom.
import { useEffect, useLayoutEffect } from 'react'
import { focusOtherwise } from '../../design/returnFocus'
import { SplitPane } from '../../design/SplitPane'
import { setTitle } from '../../ipc/system'
import { askForPrograms } from '../../state/engines'
import { useProject } from '../../state/project'
import { changeWindow, useSettings } from '../../state/settings'
import { PreviewPane } from '../../features/preview/PreviewPane'
import { ReadOnlyBanner } from '../../features/sharing/ReadOnlyBanner'
import { WhoWroteDialog } from '../../features/history/WhoWroteDialog'
import { WordCountDialog } from '../../features/words/WordCount'
import { focusedEditor } from './commands'
import { EditorArea } from './EditorArea'
import { beginEditing, endEditing, followFiles, markProblems, offerFixes } from './editing'
import { offerIntelligence } from './intelligence'
import { Palette } from './Palette'
import { watchGoal } from './goal'
import { watchReview } from './review'
import { SaveBanner } from './SaveBanner'
import { Sidebar } from './Sidebar'
import { spellingFixes, watchSpelling } from './spelling'
import { StatusBar } from './StatusBar'
import { TopBar } from './TopBar'
import { useShortcuts } from './useShortcuts'
import { jumpToVersion } from './whoWrote'
import { BottomPanel } from './BottomPanel'
import './workspace.css'

export function Workspace() {
  const id = useProject((state) => state.open?.id)
  const name = useProject((state) => state.open?.name ?? '')
  const files = useProject((state) => state.open?.files)
  const report = useProject((state) => state.open?.report)
  const liveProblem = useProject((state) => state.open?.liveProblem)
  const bottomOpen = useProject((state) => state.open?.bottom !== null)
  const settings = useSettings((state) => state.window)
  useShortcuts()

  // The editor's texts live as long as the project is open in this window.
  useLayoutEffect(() => {
    if (id === undefined) return
    offerIntelligence()
    offerFixes(spellingFixes)
    beginEditing(id)
    const endSpelling = watchSpelling()
    const endReview = watchReview(id)
    const endGoal = watchGoal(id)
    return () => {
      endGoal()
      endReview()
      endSpelling()
      endEditing()
    }
  }, [id])

  // The editor's texts follow the files.
  useEffect(() => followFiles(new Set(files?.map((file) => file.path))), [files])

  // The keyboard is the editor's when nothing else has it.
  useEffect(() => focusOtherwise(() => focusedEditor()?.focus()), [])

  // Squiggles follow the last build, and what is wrong since.
  useEffect(markProblems, [report, liveProblem])

  // The author, once, when a build has found that the document runs programs.
  useEffect(askForPrograms, [report])

  // The window's title, which the system shows.
  useEffect(() => void setTitle(name === '' ? 'Quire' : `${name} — Quire`), [name])

  const editor = bottomOpen ? (
    <SplitPane
      direction="column"
      label="Height of the panel below"
      fraction={settings.problemsFraction}
      onFractionChange={(problemsFraction) => changeWindow({ problemsFraction })}
      minRem={[8, 5]}
      first={<EditorArea />}
      second={<BottomPanel />}
    />
  ) : (
    <EditorArea />
  )
  return (
    <div className="workspace">
      <TopBar />
      <SaveBanner />
      <ReadOnlyBanner />
      <main className="workspace-body">
        <SplitPane
          direction="row"
          label="Width of the side bar"
          fraction={settings.sidebarFraction}
          onFractionChange={(sidebarFraction) => changeWindow({ sidebarFraction })}
          minRem={[10, 24]}
          collapsible="first"
          collapsed={settings.sidebarCollapsed}
          onCollapsedChange={(sidebarCollapsed) => changeWindow({ sidebarCollapsed })}
          first={<Sidebar />}
          second={
            <SplitPane
              direction="row"
              label="Width of the editor"
              fraction={settings.editorFraction}
              onFractionChange={(editorFraction) => changeWindow({ editorFraction })}
              minRem={[14, 12]}
              collapsible="second"
              collapsed={settings.previewCollapsed}
              onCollapsedChange={(previewCollapsed) => changeWindow({ previewCollapsed })}
              first={editor}
              second={<PreviewPane />}
            />
          }
        />
      </main>
      <StatusBar />
      <Palette />
      <WordCountDialog />
      <WhoWroteDialog onJump={(path, version) => void jumpToVersion(path, version)} />
    </div>
  )
}
