import type { Lines } from './environments'
import type { monaco } from './monaco'

/** A model's lines without a copy of its text. */
export function modelLines(model: monaco.editor.ITextModel): Lines {
  return { count: model.getLineCount(), line: (number) => model.getLineContent(number) }
}
