// The caret blinks for whoever writes. Once nobody has for a while it stays lit, as in other programs of the desktop:
// a window that is left alone is not painted twice a second.
import type { monaco } from './monaco'

/** As long as GTK lets its carets blink. */
const REST_MS = 10_000
/** What the key itself changes is painted first. */
const AFTER_KEY_MS = 200

type Blinking = Pick<monaco.editor.ICodeEditor, 'updateOptions' | 'onDidChangeCursorPosition' | 'onDidFocusEditorText'>

/** Lets the editor's caret blink after each move, until it rests. */
export function restCaret(editor: Blinking): monaco.IDisposable {
  let isBlinking = true
  let timer: ReturnType<typeof setTimeout> | undefined
  const set = (blinks: boolean) => {
    isBlinking = blinks
    editor.updateOptions({ cursorBlinking: blinks ? 'blink' : 'solid' })
  }
  const rest = () => {
    timer = setTimeout(() => set(false), REST_MS)
  }
  const stir = () => {
    clearTimeout(timer)
    if (isBlinking) rest()
    else
      timer = setTimeout(() => {
        set(true)
        rest()
      }, AFTER_KEY_MS)
  }
  rest()
  const listeners = [editor.onDidChangeCursorPosition(stir), editor.onDidFocusEditorText(stir)]
  return {
    dispose() {
      clearTimeout(timer)
      for (const listener of listeners) listener.dispose()
    },
  }
}
