// The panes of the editor with their tabs.
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { EditorTabs } from '../../design/EditorTabs'
import { EmptyState } from '../../design/EmptyState'
import { Spinner } from '../../design/Progress'
import { SplitPane } from '../../design/SplitPane'
import { pictureAddress } from '../../ipc/addresses'
import type { ProjectPath } from '../../ipc/generated'
import { useComparison } from '../../state/comparison'
import { sentence } from '../../state/names'
import { folderOf, nameOf } from '../../state/paths'
import { aboutToWrite, closeActiveFile, closeFile, cursorAt, focusPane, keepFile, moveFileTab, openFile, useProject } from '../../state/project'
import { saveNow } from '../../state/projectSettings'
import { useSession } from '../../state/session'
import { useSettings } from '../../state/settings'
import { useOpenSharing } from '../../state/sharing'
import type { Pane } from '../../state/tabs'
import { type EditorHandle, EditorPane } from '../../features/editor/EditorPane'
import { DEFAULT_EDITOR_SETTINGS, type EditorSettings } from '../../features/editor/editorSettings'
import { Comparison } from '../../features/history/Comparison'
import { iconOf } from '../../features/files/fileNodes'
import { registerPane } from './commands'
import { openInEditor, useEditing } from './editing'
import { openPalette } from './palette'
import { commentButton, pressed } from './review'
import { useSuggesting } from './suggesting'
import { useCursors } from './useCursors'
import { whoWroteSelection } from './whoWrote'

export function EditorArea() {
  const panes = useProject((state) => state.open?.panes)
  const [first, second] = panes?.panes ?? []
  if (first === undefined) return null
  if (second === undefined) return <OnePane index={0} pane={first} />
  return (
    <SplitPane
      direction="row"
      label="Width of the first editor"
      fraction={0.5}
      onFractionChange={() => undefined}
      first={<OnePane index={0} pane={first} />}
      second={<OnePane index={1} pane={second} />}
    />
  )
}

function OnePane({ index, pane }: { index: number; pane: Pane }) {
  const files = useProject((state) => state.open?.files)
  const names = pane.tabs.map(nameOf)
  const tabs = pane.tabs.map((path, at) => ({
    id: path,
    title: nameOf(path),
    detail: names.indexOf(nameOf(path)) !== at || names.lastIndexOf(nameOf(path)) !== at ? folderOf(path) : undefined,
    icon: iconOf(files?.find((file) => file.path === path)),
    preview: pane.preview === path,
  }))
  return (
    <section className="editor-area" aria-label={index === 0 ? 'Editor' : 'Second editor'} onFocus={() => focusPane(index)}>
      {tabs.length > 0 && (
        <EditorTabs
          label="Open files"
          tabs={tabs}
          active={pane.active}
          onActivate={(path) => {
            focusPane(index)
            openFile(path, false)
          }}
          onClose={(path) => closeFile(index, path)}
          onMove={(path, to) => moveFileTab(index, path, to)}
          menuFor={(path) => [
            { kind: 'item', id: 'keep', label: 'Keep open', onSelect: () => keepFile(path) },
            { kind: 'item', id: 'close', label: 'Close', onSelect: () => closeFile(index, path) },
            {
              kind: 'item',
              id: 'others',
              label: 'Close others',
              onSelect: () => pane.tabs.filter((tab) => tab !== path).forEach((tab) => closeFile(index, tab)),
            },
          ]}
        />
      )}
      {pane.active === null ? (
        <EmptyState icon="file-text" title="No file is open">
          Choose one at the left, or press Ctrl+P.
        </EmptyState>
      ) : (
        <OneFile index={index} path={pane.active} />
      )}
    </section>
  )
}

function OneFile({ index, path }: { index: number; path: ProjectPath }) {
  const compared = useComparison((state) => (state.compared?.path === path ? state.compared : null))
  const project = useProject((state) => state.open?.id)
  const entry = useProject((state) => state.open?.files.find((file) => file.path === path))
  if (project === undefined) return null
  if (entry?.kind === 'picture') {
    return (
      <div className="picture-view">
        <img src={pictureAddress(project, path, entry.contents)} alt={path} />
      </div>
    )
  }
  if (entry?.kind === 'pdf' || entry?.kind === 'binary') {
    return (
      <EmptyState icon="file" title={nameOf(path)}>
        This file is not text. It can be used in the document, but not edited here.
      </EmptyState>
    )
  }
  if (compared !== null) return <Comparison version={compared} />
  return <OneText index={index} path={path} />
}

const KEYS = {
  save: () => void saveNow(),
  close: closeActiveFile,
  commands: () => openPalette('commands'),
  files: () => openPalette('files'),
}

function OneText({ index, path }: { index: number; path: ProjectPath }) {
  const project = useProject((state) => state.open?.id)
  const document = useEditing((state) => state.ready.get(path))
  const suggesting = useSuggesting((state) => state.views.get(path)?.text ?? null)
  const reveal = useProject((state) => (state.open?.reveal?.place.path === path ? state.open.reveal : null))
  const focused = useProject((state) => state.open?.panes.focused === index)
  const settings = useSettings((state) => state.window)
  const theme = useSession((state) => state.theme)
  // State, not a ref: an editor comes some time after its text, and a wish waits for it.
  const [handle, setHandle] = useState<EditorHandle | null>(null)
  const done = useRef(0)

  // The document, from the application; at a start it is there, and the window is drawn once, with it.
  useLayoutEffect(() => {
    if (project !== undefined && document === undefined) void openInEditor(project, path)
  }, [project, path, document])

  // A place to go to, asked for elsewhere; each once, when the editor is there.
  useEffect(() => {
    if (reveal === null || !focused || document === undefined || handle === null) return
    if (done.current === reveal.number) return
    done.current = reveal.number
    if (reveal.place.range === null) handle.focus()
    else handle.reveal(reveal.place.range, { flash: true, focus: reveal.place.focus })
  }, [reveal, focused, document, handle])

  // Commands of menus and the palette go to the pane that has the focus.
  useEffect(() => registerPane(index, () => handle), [index, handle])

  const readOnly = useOpenSharing()?.readOnly ?? null
  useCursors(document, handle, focused)

  // For `cargo xtask bench app`: when a text can be edited.
  useEffect(() => {
    if (handle !== null) performance.mark('quire:editable')
  }, [handle])

  if (document === undefined) {
    return (
      <div className="editor-wait">
        <Spinner label={`Opening ${path}`} />
      </div>
    )
  }
  return (
    <EditorPane
      ref={setHandle}
      document={document}
      suggesting={suggesting}
      pane={String(index)}
      settings={editorSettings(settings)}
      theme={theme}
      scale={settings.scale}
      readOnly={readOnly !== null}
      readOnlyWhy={readOnly === null ? null : sentence(readOnly)}
      commands={KEYS}
      onCursor={({ position }) => cursorAt(path, position.line, position.column)}
      onFocus={() => focusPane(index)}
      onUse={(line, isByHand) => aboutToWrite(path, line, isByHand)}
      onSelect={commentButton}
      onPress={(at) => pressed(path, at)}
      onWhoWrote={whoWroteSelection}
    />
  )
}

let last: { from: object; made: EditorSettings } | null = null

/** The editor's part of the settings; the same object as long as they are the same. */
function editorSettings(from: ReturnType<typeof useSettings.getState>['window']): EditorSettings {
  if (last?.from === from) return last.made
  const made: EditorSettings = {
    ...DEFAULT_EDITOR_SETTINGS,
    keys: from.keymap,
    fontFamily: from.editorFont === '' ? null : from.editorFont,
    fontSizePx: from.editorFontSize,
    wordWrap: from.wordWrap,
    lineNumbers: from.lineNumbers ? 'on' : 'off',
  }
  last = { from, made }
  return made
}
