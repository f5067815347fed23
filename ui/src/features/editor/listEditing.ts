// Goes on with lists while they are typed; see lists.ts.
import { listStep } from './lists'
import { modelLines } from './modelLines'
import { monaco } from './monaco'

/** Watches an editor until disposed of. A keystroke that is no Enter costs a comparison. */
export function watchLists(editor: monaco.editor.IStandaloneCodeEditor): monaco.IDisposable {
  return editor.onDidChangeModelContent((event) => {
    const [change] = event.changes
    if (change === undefined || event.changes.length > 1 || event.isUndoing || event.isRedoing || event.isFlush) return
    if (!/^\n[\t ]*$/.test(change.text) || !editor.hasTextFocus()) return
    const { startLineNumber } = change.range
    // Monaco is in the middle of the keystroke: its cursor is set after this event.
    queueMicrotask(() => goOn(editor, startLineNumber))
  })
}

function goOn(editor: monaco.editor.IStandaloneCodeEditor, line: number): void {
  const model = editor.getModel()
  const position = editor.getPosition()
  if (model === null || position?.lineNumber !== line + 1 || (editor.getSelections()?.length ?? 0) !== 1) return
  if (!model.getLanguageId().startsWith('latex')) return
  const step = listStep(modelLines(model), line)
  if (step === null) return
  const put = (range: monaco.Range, text: string, cursorLine: number, cursorColumn: number) =>
    editor.executeEdits('list', [{ range, text }], [new monaco.Selection(cursorLine, cursorColumn, cursorLine, cursorColumn)])
  if (step.kind === 'item') {
    // The line's indentation is part of the edit: Monaco would take fresh indentation away.
    const indent = model.getLineContent(position.lineNumber).slice(0, position.column - 1)
    const range = new monaco.Range(position.lineNumber, 1, position.lineNumber, position.column)
    put(range, indent + step.before + step.after, position.lineNumber, (indent + step.before).length + 1)
  } else if (step.end === null) {
    const indent = /^\s*/.exec(model.getLineContent(line))?.[0] ?? ''
    put(new monaco.Range(line, 1, line + 1, model.getLineMaxColumn(line + 1)), indent, line, indent.length + 1)
  } else {
    const end = model.getLineContent(step.end)
    const indent = /^\s*/.exec(end)?.[0] ?? ''
    put(new monaco.Range(line, 1, step.end, end.length + 1), `${end}\n${indent}`, line + 1, indent.length + 1)
  }
}
