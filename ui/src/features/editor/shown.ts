// What a pane shows: a text, or the copy of it in which one suggests, where the same place stands elsewhere.
import type { EditorDocument } from './documents'
import type { monaco } from './monaco'
import type { SuggestingText } from './suggesting'

/** `suggesting` is the document as its author sees it who suggests. */
export type Shown = { readonly document: EditorDocument; readonly suggesting: SuggestingText | null }

/** The model that the editor has. */
export function modelOf({ document, suggesting }: Shown): monaco.editor.ITextModel {
  return (suggesting ?? document).model
}

/** Where an offset of the text is shown. */
export function shownAt({ document, suggesting }: Shown, offset: number): monaco.Position {
  return suggesting === null ? document.binding.positionAt(offset) : suggesting.shown(offset)
}

/** The offset in the text of a place that is shown. */
export function offsetAt({ document, suggesting }: Shown, position: monaco.IPosition): number {
  return suggesting === null ? document.binding.textOffsetAt(position) : suggesting.textOffsetAt(position)
}
