// Opens the list of completions again when somebody goes on typing a command's name or its argument: the list
// opens by itself at the backslash and the brace only, since prose is not code.
import type { monaco } from './monaco'

/** Whether what stands before the cursor is something that a list helps with. */
export function isCompletable(before: string): boolean {
  return (
    /(?:^|[^\\])(?:\\\\)*\\[a-zA-Z@]{2,}$/.test(before) ||
    /\\(?:\w*ref\w*|\w*cite\w*|input|include|includegraphics|begin|end|usepackage|documentclass|bibliography|addbibresource|bibliographystyle)\*?(?:\[[^\]]*\])*\{[^{}]*[^{},\s]$/i.test(before)
  )
}

/** Watches an editor until disposed of. */
export function watchListOpening(editor: monaco.editor.IStandaloneCodeEditor): monaco.IDisposable {
  return editor.onDidChangeModelContent((event) => {
    const [change] = event.changes
    if (change === undefined || event.changes.length > 1 || event.isUndoing || event.isRedoing || event.isFlush) return
    if (!/^[\p{L}\p{N}:_-]$/u.test(change.text) || !editor.hasTextFocus()) return
    // Monaco is in the middle of the keystroke: its cursor is set, and its own list looked after, behind this event.
    setTimeout(() => {
      const position = editor.getPosition()
      const line = position === null ? undefined : editor.getModel()?.getLineContent(position.lineNumber)
      if (position === null || line === undefined || !isCompletable(line.slice(0, position.column - 1))) return
      if (editor.getDomNode()?.ownerDocument.querySelector('.suggest-widget.visible') !== null) return
      editor.trigger('typing', 'editor.action.triggerSuggest', { auto: true })
    }, 0)
  })
}
