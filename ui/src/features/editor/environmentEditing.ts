// Closes environments while they are typed and shows which \begin and \end belong together.
import { closingFor, partnerOf, tagAt } from './environments'
import { modelLines } from './modelLines'
import { monaco } from './monaco'
import './editor.css'

const HIGHLIGHT_DELAY_MS = 60

/** Watches an editor until disposed of. A keystroke costs a comparison; only one that ends a `\begin{…}` looks further. */
export function watchEnvironments(editor: monaco.editor.IStandaloneCodeEditor): monaco.IDisposable {
  const pair = editor.createDecorationsCollection()
  let timer: ReturnType<typeof setTimeout> | undefined

  const isLatex = () => editor.getModel()?.getLanguageId().startsWith('latex') === true
  const typed = editor.onDidChangeModelContent((event) => {
    const [change] = event.changes
    if (change === undefined || event.changes.length > 1 || event.isUndoing || event.isRedoing || event.isFlush) return
    const isBrace = change.text === '}'
    const isNewLine = /^\n[\t ]*(?:\n[\t ]*)?$/.test(change.text)
    if ((!isBrace && !isNewLine) || !editor.hasTextFocus() || !isLatex()) return
    const { startLineNumber } = change.range
    // Monaco is in the middle of the keystroke: its cursor is set after this event.
    queueMicrotask(() => (isBrace ? closeAtBrace(editor) : closeAtNewLine(editor, startLineNumber)))
  })

  const highlight = () => {
    const model = editor.getModel()
    const position = editor.getPosition()
    if (model === null || position === null || !isLatex()) return pair.clear()
    const lines = modelLines(model)
    const tag = tagAt(lines, position.lineNumber, position.column)
    if (tag === null) return pair.clear()
    const partner = partnerOf(lines, tag)
    const className = partner === null ? 'quire-environment-alone' : 'quire-environment-pair'
    pair.set(
      [tag, ...(partner === null ? [] : [partner])].map(({ line, startColumn, endColumn }) => ({
        range: new monaco.Range(line, startColumn, line, endColumn),
        options: { inlineClassName: className, stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges },
      })),
    )
  }
  const moved = editor.onDidChangeCursorPosition(() => {
    clearTimeout(timer)
    timer = setTimeout(highlight, HIGHLIGHT_DELAY_MS)
  })
  return {
    dispose: () => {
      clearTimeout(timer)
      typed.dispose()
      moved.dispose()
      pair.clear()
    },
  }
}

/** `\begin{x}` was completed by its brace: its end goes to the next line, the cursor stays. */
function closeAtBrace(editor: monaco.editor.IStandaloneCodeEditor): void {
  const model = editor.getModel()
  const position = editor.getPosition()
  if (model === null || position === null || (editor.getSelections()?.length ?? 0) !== 1) return
  const text = model.getLineContent(position.lineNumber)
  const before = text.slice(0, position.column - 1)
  if (!/\\begin\s*\{[^{}]*\}$/.test(before)) return
  insertAtCursor(editor, closingFor(modelLines(model), before, text.slice(position.column - 1)))
}

/** Enter behind `\begin{x}`: its end goes below the new, indented line. */
function closeAtNewLine(editor: monaco.editor.IStandaloneCodeEditor, line: number): void {
  const model = editor.getModel()
  const position = editor.getPosition()
  if (model === null || position === null || position.lineNumber !== line + 1 || (editor.getSelections()?.length ?? 0) !== 1) return
  const before = model.getLineContent(line)
  if (!before.includes('\\begin')) return
  insertAtCursor(editor, closingFor(modelLines(model), before, model.getLineContent(position.lineNumber).slice(position.column - 1)))
}

function insertAtCursor(editor: monaco.editor.IStandaloneCodeEditor, text: string | null): void {
  const position = editor.getPosition()
  if (text === null || position === null) return
  // The line's indentation is part of the edit: Monaco would take fresh indentation away behind a bare line end.
  const before = editor.getModel()?.getLineContent(position.lineNumber).slice(0, position.column - 1) ?? ''
  const range = new monaco.Range(position.lineNumber, 1, position.lineNumber, position.column)
  editor.executeEdits('close-environment', [{ range, text: before + text }], [monaco.Selection.fromPositions(position)])
}
