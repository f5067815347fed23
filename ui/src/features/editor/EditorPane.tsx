// Monaco in React's clothes: React makes the editor once and tells it what changed. No keystroke, cursor move or
// scroll renders anything; who wants to know of them is called at most once a frame.
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import type { Theme } from '../../design/theme'
import { restCaret } from './caretRest'
import type { Awareness } from 'y-protocols/awareness'
import { type CursorWishes, SharedCursors } from './cursors'
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
import { modelOf, offsetAt, type Shown, shownAt } from './shown'
import type { SuggestingText } from './suggesting'
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
  /** Shows the cursors of co-authors in a text of the pane, and tells them one's own. */
  showCursors: (document: EditorDocument, awareness: Awareness, wishes: CursorWishes) => SharedCursors
}

/** Where the cursor is and how much is selected. */
export type CursorState = { position: Position; selectedLength: number }

/** One pane with one text at a time; several panes may show the same. `pane` names it for scroll positions. */
export function EditorPane({
  document,
  suggesting = null,
  pane,
  settings,
  theme,
  scale = 1,
  readOnly = false,
  readOnlyWhy = null,
  commands,
  onCursor,
  onFocus,
  onUse,
  onSelect,
  onPress,
  onWhoWrote,
  ref,
}: {
  document: EditorDocument
  /** The document as its author sees it who suggests; its own places never leave the pane. */
  suggesting?: SuggestingText | null | undefined
  pane: string
  settings: EditorSettings
  theme: Theme
  scale?: number | undefined
  readOnly?: boolean | undefined
  /** Told to who types all the same. */
  readOnlyWhy?: string | null | undefined
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
  /** It is asked who wrote what is selected, or the line. */
  onWhoWrote?: (() => void) | undefined
  ref?: Ref<EditorHandle | null> | undefined
}) {
  const host = useRef<HTMLDivElement>(null)
  const status = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<monaco.editor.IStandaloneCodeEditor | null>(null)
  const listeners = useRef({ onCursor, onFocus, onUse, onSelect, onPress, onWhoWrote })
  const shown = useRef<Shown>({ document, suggesting })
  const left = useRef<(Shown & { offset: number; scrollTop: number }) | null>(null)

  // The latest listeners, for events that come between renders.
  useEffect(() => {
    listeners.current = { onCursor, onFocus, onUse, onSelect, onPress, onWhoWrote }
  }, [onCursor, onFocus, onUse, onSelect, onPress, onWhoWrote])

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
        listeners.current.onPress?.(fromShown(shown.current, target.position))
      }
    })
    // Behind cut, copy and paste in the editor's menu.
    const menu = { contextMenuGroupId: '9_history', contextMenuOrder: 1 }
    const whoWrote = created.addAction({ id: 'quire.whoWrote', label: 'Who Wrote This', ...menu, run: () => listeners.current.onWhoWrote?.() })
    let frame = 0
    const cursor = created.onDidChangeCursorSelection(({ source, selection }) => {
      // Suggestions are on no page.
      if (shown.current.suggesting === null) listeners.current.onUse?.(selection.positionLineNumber, source === 'mouse' || source === 'keyboard')
      if (frame !== 0) return
      frame = requestAnimationFrame(() => {
        frame = 0
        const state = cursorState(created, shown.current)
        if (state !== null) listeners.current.onCursor?.(state)
      })
    })
    const focus = created.onDidFocusEditorText(() => listeners.current.onFocus?.())
    setEditor(created)
    return () => {
      cancelAnimationFrame(frame)
      for (const part of [environments, lists, openings, caret, offer, press, whoWrote, cursor, focus, created]) part.dispose()
      setEditor(null)
    }
  }, [])

  // The model in the editor, and the place in it that this pane last showed.
  useLayoutEffect(() => {
    if (editor === null) return
    const { binding } = suggesting ?? document
    const now = { document, suggesting }
    const model = modelOf(now)
    shown.current = now
    editor.setModel(model)
    const before = left.current
    const state = document.viewStateOf(pane)
    if (before?.document === document && before.suggesting !== suggesting) {
      // The same place of the same text, with suggestions in it or without.
      editor.setPosition(shownAt(now, before.offset))
      editor.setScrollTop(before.scrollTop, monaco.editor.ScrollType.Immediate)
    } else if (state !== null && suggesting === null) editor.restoreViewState(state)
    const attached = binding.attach(editor)
    // Another text has another cursor, of which no move tells.
    const cursor = cursorState(editor, now)
    if (cursor !== null) listeners.current.onCursor?.(cursor)
    return () => {
      attached.dispose()
      // When the project is left its models are gone before the panes.
      if (editor.getModel() !== model || document.model.isDisposed()) return
      if (suggesting === null) document.keepViewState(pane, editor.saveViewState())
      left.current = { ...now, offset: offsetAt(now, editor.getPosition() ?? new monaco.Position(1, 1)), scrollTop: editor.getScrollTop() }
    }
  }, [editor, document, suggesting, pane])

  // Monaco's options.
  useLayoutEffect(() => {
    if (editor === null) return
    // Who may not write the text may suggest.
    const options = optionsFor({ settings, scale, theme, label, readOnly: readOnly && suggesting === null })
    monaco.editor.setTheme(options.theme ?? 'vs')
    editor.updateOptions(options)
    modelOf({ document, suggesting }).updateOptions({
      tabSize: settings.tabSize,
      insertSpaces: settings.insertSpaces,
      // Of the model, not of the editor: brackets keep the theme's one colour.
      bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
    })
  }, [editor, document, suggesting, settings, scale, theme, label, readOnly])

  // What is said to who types where one may only read.
  useEffect(() => {
    editor?.updateOptions({ readOnlyMessage: { value: readOnlyWhy ?? '' } })
  }, [editor, readOnlyWhy])

  const { keys } = settings
  // The keys of Vim or Emacs, which live outside React.
  useEffect(() => {
    const line = status.current
    if (editor === null || keys === 'default' || line === null) return
    let ended = false
    let running: monaco.IDisposable | undefined
    const nothing = { save: () => {}, close: () => {}, commands: () => {}, files: () => {} }
    const binding = () => (shown.current.suggesting ?? shown.current.document).binding
    const steps = { endStep: () => binding().endStep(), holdStep: (isNew: boolean) => binding().holdStep(isNew) }
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
  useImperativeHandle<EditorHandle | null, EditorHandle | null>(ref, () => (editor === null ? null : handleOf(editor, () => shown.current)), [editor])

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

/** Where a place of the text is shown. */
function toShown(shown: Shown, position: monaco.IPosition): monaco.IPosition {
  return shown.suggesting === null ? position : shownAt(shown, shown.document.binding.textOffsetAt(position))
}

/** The place of the text that is shown there. */
function fromShown(shown: Shown, position: monaco.IPosition): Position {
  const { lineNumber, column } = shown.suggesting === null ? position : shown.document.binding.positionAt(offsetAt(shown, position))
  return { line: lineNumber, column }
}

function cursorState(editor: monaco.editor.IStandaloneCodeEditor, shown: Shown): CursorState | null {
  const selection = editor.getSelection()
  const model = editor.getModel()
  if (selection === null || model === null) return null
  return {
    position: fromShown(shown, selection.getPosition()),
    selectedLength: selection.isEmpty() ? 0 : model.getValueLengthInRange(selection),
  }
}

function handleOf(editor: monaco.editor.IStandaloneCodeEditor, shown: () => Shown): EditorHandle {
  return {
    focus: () => editor.focus(),
    reveal: (range, { flash = false, focus = true } = {}) => {
      const { startLineNumber, startColumn, endLineNumber, endColumn } = toMonacoRange(range)
      const [from, to] = [toShown(shown(), { lineNumber: startLineNumber, column: startColumn }), toShown(shown(), { lineNumber: endLineNumber, column: endColumn })]
      const target = monaco.Range.fromPositions(from, to)
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
      return { start: fromShown(shown(), selection.getStartPosition()), end: fromShown(shown(), selection.getEndPosition()) }
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
    showCursors: (document, awareness, wishes) => new SharedCursors(editor, document, awareness, wishes, shown),
  }
}
