// Monaco in React's clothes: React makes the editor once and tells it what changed. No keystroke, cursor move or
// scroll renders anything; who wants to know of them is called at most once a frame.
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { Theme } from '../../design/theme'
import { restCaret } from './caretRest'
import type { EditorDocument } from './documents'
import './editor.css'
import { type EditorSettings, editorOptions } from './editorSettings'
import { watchEnvironments } from './environmentEditing'
import { type KeyCommands, startKeys } from './keys'
import { watchLists } from './listEditing'
import { watchListOpening } from './listOpening'
import { monaco } from './monaco'
import { offerAtSelection } from './selectionOffer'
import { toMonacoRange } from './providers'
import type { Position, Range } from './services'
import { defineThemes } from './theme'

const FLASH_MS = 1600

/** What the program can ask of a pane. */
export type EditorHandle = {
  focus: () => void
  /** Shows a place in the middle, puts the cursor there and, with `flash`, lets its line light up and fade. */
  reveal: (range: Range, how?: { flash?: boolean; focus?: boolean }) => void
  selection: () => Range | null
  /** What is selected; empty for nothing. */
  selectedText: () => string
  /** Replaces the selection, as one step of undo. */
  insert: (text: string) => void
  /** Runs one of Monaco's actions, such as `actions.find` or `editor.action.rename`. */
  run: (action: string) => void
}

/** Where the cursor is and how much is selected. */
export type CursorState = { position: Position; selectedLength: number }

/** One pane with one text at a time; several panes may show the same. `pane` names it for scroll positions. */
export function EditorPane({
  document,
  pane,
  settings,
  theme,
  scale = 1,
  readOnly = false,
  commands,
  onCursor,
  onFocus,
  onUse,
  onSelect,
  onPress,
  ref,
}: {
  document: EditorDocument
  pane: string
  settings: EditorSettings
  theme: Theme
  scale?: number | undefined
  readOnly?: boolean | undefined
  /** What Vim's `:w` and `:q` do; must be stable. */
  commands?: KeyCommands | undefined
  onCursor?: ((state: CursorState) => void) | undefined
  onFocus?: (() => void) | undefined
  /** The cursor is in this line now: the next may be a letter. By hand, or because the text was opened there. */
  onUse?: ((line: number, isByHand: boolean) => void) | undefined
  /** What stands at the end of a selection that has come to rest; an element, or nothing. */
  onSelect?: (() => HTMLElement | null) | undefined
  /** A place in the text was pressed. */
  onPress?: ((at: Position) => void) | undefined
  ref?: Ref<EditorHandle | null> | undefined
}) {
  const host = useRef<HTMLDivElement>(null)
  const status = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<monaco.editor.IStandaloneCodeEditor | null>(null)
  const listeners = useRef({ onCursor, onFocus, onUse, onSelect, onPress })
  const shown = useRef(document)

  // The latest listeners, for events that come between renders.
  useEffect(() => {
    listeners.current = { onCursor, onFocus, onUse, onSelect, onPress }
  }, [onCursor, onFocus, onUse, onSelect, onPress])

  const label = document.path
  const first = useRef({ settings, scale, theme, label, readOnly })
  // The Monaco editor in the host element, made as it is to be: to change its font lays everything out again.
  useLayoutEffect(() => {
    if (host.current === null) return
    defineThemes()
    const created = monaco.editor.create(host.current, { ...optionsFor(first.current), model: null })
    const environments = watchEnvironments(created)
    const lists = watchLists(created)
    const openings = watchListOpening(created)
    const caret = restCaret(created)
    const offer = offerAtSelection(created, () => listeners.current.onSelect?.() ?? null)
    const press = created.onMouseDown(({ target, event }) => {
      if (event.leftButton && target.type === monaco.editor.MouseTargetType.CONTENT_TEXT && target.position !== null) {
        listeners.current.onPress?.({ line: target.position.lineNumber, column: target.position.column })
      }
    })
    let frame = 0
    const cursor = created.onDidChangeCursorSelection(({ source, selection }) => {
      listeners.current.onUse?.(selection.positionLineNumber, source === 'mouse' || source === 'keyboard')
      if (frame !== 0) return
      frame = requestAnimationFrame(() => {
        frame = 0
        const state = cursorState(created)
        if (state !== null) listeners.current.onCursor?.(state)
      })
    })
    const focus = created.onDidFocusEditorText(() => listeners.current.onFocus?.())
    setEditor(created)
    return () => {
      cancelAnimationFrame(frame)
      for (const part of [environments, lists, openings, caret, offer, press, cursor, focus, created]) part.dispose()
      setEditor(null)
    }
  }, [])

  // The model in the editor, and the place in it that this pane last showed.
  useLayoutEffect(() => {
    if (editor === null) return
    const { model, binding } = document
    shown.current = document
    editor.setModel(model)
    const state = document.viewStateOf(pane)
    if (state !== null) editor.restoreViewState(state)
    const attached = binding.attach(editor)
    // Another text has another cursor, of which no move tells.
    const cursor = cursorState(editor)
    if (cursor !== null) listeners.current.onCursor?.(cursor)
    return () => {
      if (editor.getModel() === model) document.keepViewState(pane, editor.saveViewState())
      attached.dispose()
    }
  }, [editor, document, pane])

  // Monaco's options.
  useLayoutEffect(() => {
    if (editor === null) return
    const options = optionsFor({ settings, scale, theme, label, readOnly })
    monaco.editor.setTheme(options.theme ?? 'vs')
    editor.updateOptions(options)
    document.model.updateOptions({
      tabSize: settings.tabSize,
      insertSpaces: settings.insertSpaces,
      // Of the model, not of the editor: brackets keep the theme's one colour.
      bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
    })
  }, [editor, document, settings, scale, theme, label, readOnly])

  const { keys } = settings
  // The keys of Vim or Emacs, which live outside React.
  useEffect(() => {
    const line = status.current
    if (editor === null || keys === 'default' || line === null) return
    let ended = false
    let running: monaco.IDisposable | undefined
    const nothing = { save: () => {}, close: () => {}, commands: () => {}, files: () => {} }
    const steps = { endStep: () => shown.current.binding.endStep(), holdStep: (isNew: boolean) => shown.current.binding.holdStep(isNew) }
    void startKeys(keys, editor, line, commands ?? nothing, steps).then((started) => {
      if (ended) started.dispose()
      else running = started
    })
    return () => {
      ended = true
      running?.dispose()
      line.textContent = ''
    }
  }, [editor, keys, commands])

  // No handle before there is an editor: whoever waits for it would ask in vain.
  useImperativeHandle<EditorHandle | null, EditorHandle | null>(ref, () => (editor === null ? null : handleOf(editor)), [editor])

  return (
    <div className="quire-editor">
      <div ref={host} className="quire-editor-host" />
      <div ref={status} className="quire-keys-status" hidden={keys === 'default'} />
    </div>
  )
}

type Looks = { settings: EditorSettings; scale: number; theme: Theme; label: string; readOnly: boolean }

function optionsFor({ settings, ...looks }: Looks) {
  const monospace = getComputedStyle(window.document.documentElement).getPropertyValue('--font-mono').trim() || 'monospace'
  return editorOptions(settings, { ...looks, monospace })
}

function cursorState(editor: monaco.editor.IStandaloneCodeEditor): CursorState | null {
  const selection = editor.getSelection()
  const model = editor.getModel()
  if (selection === null || model === null) return null
  return {
    position: { line: selection.positionLineNumber, column: selection.positionColumn },
    selectedLength: selection.isEmpty() ? 0 : model.getValueLengthInRange(selection),
  }
}

function handleOf(editor: monaco.editor.IStandaloneCodeEditor): EditorHandle {
  return {
    focus: () => editor.focus(),
    reveal: (range, { flash = false, focus = true } = {}) => {
      const target = toMonacoRange(range)
      editor.setSelection(target)
      editor.revealRangeInCenter(target, monaco.editor.ScrollType.Immediate)
      if (flash) {
        const marks = editor.createDecorationsCollection([{ range: target, options: { isWholeLine: true, className: 'quire-flash' } }])
        setTimeout(() => marks.clear(), FLASH_MS)
      }
      if (focus) editor.focus()
    },
    selection: () => {
      const selection = editor.getSelection()
      if (selection === null) return null
      return {
        start: { line: selection.startLineNumber, column: selection.startColumn },
        end: { line: selection.endLineNumber, column: selection.endColumn },
      }
    },
    selectedText: () => {
      const selection = editor?.getSelection()
      return selection === null || selection === undefined ? '' : (editor?.getModel()?.getValueInRange(selection) ?? '')
    },
    insert: (text) => {
      editor.pushUndoStop()
      editor.executeEdits('insert', (editor.getSelections() ?? []).map((range) => ({ range, text, forceMoveMarkers: true })))
      editor.pushUndoStop()
    },
    run: (action) => {
      editor.focus()
      editor.trigger('program', action, null)
    },
  }
}
