// Marks on ranges of a text, by kind: what is commented, what somebody suggests. Monaco moves them with its own edits;
// whoever set them sets them again when the text has changed otherwise.
import { monaco } from './monaco'
import type { TextBinding } from './TextBinding'

/** A mark in offsets of the text. */
export type TextMark = {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly className: string
  /** Text that is shown at its start without being in the text. */
  readonly shownText?: string | undefined
  /** In Markdown; names of people and their words are not Markdown: escape them. */
  readonly hover?: string | undefined
}

/** The marks of one model. */
export class TextMarks {
  readonly #decorations = new Map<string, { decorations: string[]; marks: readonly TextMark[] }>()

  constructor(private readonly binding: TextBinding) {}

  /** Shows marks of a kind in place of the earlier ones. */
  set(kind: string, marks: readonly TextMark[]): void {
    const { model } = this.binding
    const before = this.#decorations.get(kind)
    if (before === undefined && marks.length === 0) return
    const decorations = model.deltaDecorations(before?.decorations ?? [], marks.map((mark) => this.#decorationOf(mark)))
    this.#decorations.set(kind, { decorations, marks })
  }

  #decorationOf({ from, to, className, shownText, hover }: TextMark): monaco.editor.IModelDeltaDecoration {
    const range = monaco.Range.fromPositions(this.binding.positionAt(from), this.binding.positionAt(to))
    return {
      range,
      options: {
        ...(shownText === undefined
          ? { inlineClassName: className }
          : { showIfCollapsed: true, before: { content: shownText, inlineClassName: className, inlineClassNameAffectsLetterSpacing: true, cursorStops: monaco.editor.InjectedTextCursorStops.Both } }),
        ...(hover === undefined ? {} : { hoverMessage: { value: hover } }),
        stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
        zIndex: 10,
      },
    }
  }

  /** The marks of a kind at a place, the shortest first. */
  at(kind: string, position: monaco.IPosition): TextMark[] {
    const found = this.#decorations.get(kind)
    if (found === undefined) return []
    const { model } = this.binding
    const here = found.marks.filter((_mark, index) => {
      const range = model.getDecorationRange(found.decorations[index] ?? '')
      return range !== null && monaco.Range.containsPosition(range, position)
    })
    return here.toSorted((a, b) => a.to - a.from - (b.to - b.from))
  }
}
