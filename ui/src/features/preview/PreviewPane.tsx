// The pages of the last good build, and what has become of them with the text: looked at, searched, copied from, followed to their sources.
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Spinner } from '../../design/Progress'
import { matchesShortcut } from '../../design/shortcut'
import { buildNow, showBottom, useProject } from '../../state/project'
import { useSession } from '../../state/session'
import { useSettings } from '../../state/settings'
import { selectAll } from './dragSelection'
import { FindBar } from './FindBar'
import { openFind, useFind } from './find'
import { mark } from './marks'
import { Pages } from './Pages'
import { SidePanel } from './Panel'
import { Presentation } from './Presentation'
import './preview.css'
import { useShown } from './shownPages'
import { selectedText, selectText } from './textLayer'
import { PreviewToolbar } from './Toolbar'
import { forgetView, goBack, goForward, setZoom, turnPage, useView, zoomInOut } from './view'

/** `isDetached`: it is all that its window shows. */
export function PreviewPane({ isDetached = false }: { isDetached?: boolean | undefined }) {
  const project = useProject((state) => state.open?.id)
  const shown = useShown((state) => state.project)
  const count = useShown((state) => state.pages.length)
  const wish = useProject((state) => state.open?.mark)
  const darkPaper = useSettings((state) => state.window.darkPaper)
  const finding = useFind((state) => state.open)
  const presenting = useView((state) => state.presenting)
  const marked = useRef(wish?.number)

  // Another project is another place to be.
  useEffect(() => forgetView, [project])

  // The places that were asked for, once.
  useEffect(() => {
    if (wish === undefined || wish === null || wish.number === marked.current) return
    marked.current = wish.number
    mark(wish.place)
  }, [wish])

  if (project === undefined || shown !== project || count === 0) return <NoPages />
  const paper = darkPaper ? 'dark' : 'light'
  return (
    <section className="preview" data-part="" aria-label="Preview" onKeyDown={(event) => keyDown(event, count)}>
      <PreviewToolbar count={count} isDetached={isDetached} />
      {finding && <FindBar />}
      <div className="preview-body">
        <SidePanel project={project} paper={paper} />
        <Pages key={project} project={project} paper={paper} />
      </div>
      {presenting && <Presentation project={project} />}
    </section>
  )
}

const KEYS: readonly (readonly [string, () => void])[] = [
  ['Mod+f', () => openFind(document.getSelection()?.toString().trim().slice(0, 200))],
  ['Mod++', () => zoomInOut(1)],
  ['Mod+=', () => zoomInOut(1)],
  ['Mod+-', () => zoomInOut(-1)],
  ['Mod+0', () => setZoom({ type: 'width' })],
  ['Mod+9', () => setZoom({ type: 'page' })],
  ['Mod+1', () => setZoom({ type: 'factor', factor: 1 })],
  ['Alt+ArrowLeft', goBack],
  ['Alt+ArrowRight', goForward],
  ['F5', () => useView.setState({ presenting: true })],
  ['n', () => turnPage(1)],
  ['p', () => turnPage(-1)],
]

function keyDown(event: KeyboardEvent, pages: number): void {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key === 'Escape' && !isTyping && selectedText() !== null) selectText(null)
  else if (matchesShortcut(event, 'Mod+a') && !isTyping) selectAll(pages)
  else {
    // `+` needs Shift on many keyboards.
    const plain = event.key === '+' ? { ...keysOf(event), shiftKey: false } : keysOf(event)
    const found = KEYS.find(([shortcut]) => matchesShortcut(plain, shortcut))
    if (found === undefined || (isTyping && found[0].length === 1)) return
    found[1]()
  }
  event.preventDefault()
  event.stopPropagation()
}

function keysOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent) {
  return { key, ctrlKey, metaKey, shiftKey, altKey }
}

/** Why there are no pages, and what to do. */
function NoPages() {
  const build = useProject((state) => state.open?.build)
  const report = useProject((state) => state.open?.report)
  const missing = useSession((state) => state.missing)
  const noPdfium = missing.find((text) => /pdfium/i.test(text))
  if (noPdfium !== undefined) {
    return (
      <EmptyState icon="warning" title="Pages cannot be shown">
        {noPdfium}
      </EmptyState>
    )
  }
  if (build?.type === 'running') {
    const doing = build.page > 0 ? `Page ${build.page}` : build.doing
    return (
      <div className="preview-waiting" role="status">
        <Spinner size={1.5} />
        <h2>Making the pages</h2>
        <p>{doing}</p>
      </div>
    )
  }
  const again = (
    <Button icon="play" onClick={() => void buildNow()}>
      Build
    </Button>
  )
  if (report !== null && report !== undefined) {
    return (
      <EmptyState
        icon="error"
        title="The document made no pages"
        actions={
          <Button icon="error" onClick={() => showBottom('problems')}>
            Show the problems
          </Button>
        }
      >
        {report.problems.find((problem) => problem.severity === 'error')?.message ?? 'The log says what TeX has done.'}
      </EmptyState>
    )
  }
  return (
    <EmptyState icon="book" title="No pages yet" actions={again}>
      They appear here when the document is built.
    </EmptyState>
  )
}
