// Something to do with what is selected, shown at its end once the selection has come to rest.
import { monaco } from './monaco'

const REST_MS = 250

/** Shows the element that `make` gives at the end of each selection. */
export function offerAtSelection(editor: monaco.editor.ICodeEditor, make: () => HTMLElement | null): monaco.IDisposable {
  let timer: ReturnType<typeof setTimeout> | undefined
  let shown: monaco.editor.IContentWidget | null = null
  let pressed = false
  const hide = () => {
    clearTimeout(timer)
    if (shown !== null) editor.removeContentWidget(shown)
    shown = null
  }
  const show = () => {
    const selection = editor.getSelection()
    if (pressed || selection === null || selection.isEmpty() || !editor.hasTextFocus()) return
    const element = make()
    if (element === null) return
    // At the place of the cursor, where one looks; never in the way of what is selected.
    const { ABOVE, BELOW } = monaco.editor.ContentWidgetPositionPreference
    const preference = selection.getDirection() === monaco.SelectionDirection.LTR ? [BELOW, ABOVE] : [ABOVE, BELOW]
    shown = {
      getId: () => 'quire.offer',
      getDomNode: () => element,
      getPosition: () => ({ position: selection.getPosition(), preference }),
    }
    editor.addContentWidget(shown)
  }
  const later = () => {
    hide()
    timer = setTimeout(show, REST_MS)
  }
  const parts = [
    editor.onDidChangeCursorSelection(later),
    editor.onDidChangeModel(hide),
    editor.onDidChangeModelContent(hide),
    // A click on what is offered takes the focus for a moment.
    editor.onDidBlurEditorText(() => setTimeout(() => !editor.hasTextFocus() && hide())),
    editor.onMouseDown(() => (pressed = true)),
    editor.onMouseUp(() => {
      pressed = false
      later()
    }),
  ]
  return {
    dispose: () => {
      hide()
      for (const part of parts) part.dispose()
    },
  }
}
