// The text as somebody sees it who suggests, as a Monaco model: what he writes is letters of the copy (see
// state/discussion/branch.ts), and what he deletes of the text is struck out and stays.
//
// All edits of Monaco, of Vim and Emacs keys, of menus and of the clipboard end in the model's `pushEditOperations`:
// there deletions become strikes, before anything has changed.
import type { Branch } from '../../state/discussion/branch'
import { monaco } from './monaco'
import { createBoundModel, TextBinding } from './TextBinding'
import { TextMarks } from './textMarks'

type Model = monaco.editor.ITextModel
type Operation = monaco.editor.IIdentifiedSingleEditOperation
type Push = (before: monaco.Selection[] | null, operations: Operation[], after: monaco.editor.ICursorStateComputer, ...rest: unknown[]) => monaco.Selection[] | null

/** An edit without what it would take from the text: that is kept. */
type Change = { kept: readonly { from: number; to: number }[]; edits: Operation[]; start: monaco.Position; end: monaco.Position; text: string; isSame: boolean }

let serial = 0

export class SuggestingText {
  readonly model: Model
  readonly binding: TextBinding
  readonly marks: TextMarks

  constructor(
    readonly branch: Branch,
    path: string,
    language: string,
  ) {
    serial += 1
    this.model = createBoundModel(branch.text, language, monaco.Uri.from({ scheme: 'quire-suggesting', authority: String(serial), path: `/${path}` }))
    this.binding = new TextBinding(branch.text, this.model)
    this.binding.undoManager.addToScope(branch.strikes)
    this.marks = new TextMarks(this.binding)
    const push = this.model.pushEditOperations.bind(this.model) as Push
    Object.assign(this.model, { pushEditOperations: (...[before, operations, after, ...rest]: Parameters<Push>) => this.#push(push, before, operations, after, rest) })
  }

  /** Where a place of the text is shown. */
  shown(offset: number): monaco.Position {
    return this.binding.positionAt(this.branch.fromText(offset))
  }

  /** The offset in the text of a place that is shown. */
  textOffsetAt(position: monaco.IPosition): number {
    return this.branch.toText(this.binding.textOffsetAt(position))
  }

  dispose(): void {
    this.binding.dispose()
    this.branch.dispose()
    this.model.dispose()
  }

  #push(push: Push, before: monaco.Selection[] | null, operations: Operation[], after: monaco.editor.ICursorStateComputer, rest: unknown[]): monaco.Selection[] | null {
    const { model } = this
    const changes = operations.map((operation) => this.#changeOf(operation))
    if (changes.every(({ kept }) => kept.length === 0)) return push(before, operations, after, ...rest)
    this.binding.alongside(() => {
      for (const { kept } of changes) for (const { from, to } of kept) this.branch.strike(from, to)
    })
    const only = changes.length === 1 ? changes[0] : undefined
    const cursor = only === undefined ? null : this.#cursorAfter(only, before)
    const computer: monaco.editor.ICursorStateComputer = (inverse) => {
      if (cursor === null) return after(inverse)
      return [monaco.Selection.fromPositions(model.getPositionAt(cursor))]
    }
    return push(before, changes.flatMap(({ edits }) => edits), computer, ...rest)
  }

  #changeOf(operation: Operation): Change {
    const range = this.model.validateRange(operation.range)
    const text = operation.text ?? ''
    const [start, end] = [range.getStartPosition(), range.getEndPosition()]
    const [from, to] = [start, end].map((position) => this.binding.textOffsetAt(position)) as [number, number]
    const parts = from === to ? [] : this.branch.parts(from, to)
    const kept = parts.filter(({ isText }) => isText)
    if (kept.length === 0) return { kept, edits: [operation], start, end, text, isSame: false }
    // A bracket that is typed over is the same bracket.
    if (text === this.model.getValueInRange(range)) return { kept: [{ from: to, to }], edits: [], start, end, text, isSame: true }
    const gone = parts.filter(({ isText }) => !isText)
    const edits = gone.map((part): Operation => {
      const [first, last] = [this.binding.positionAt(part.from), this.binding.positionAt(part.to)]
      return { range: monaco.Range.fromPositions(first, last), text: '' }
    })
    const isEndGone = gone.at(-1)?.to === to
    const lastEdit = edits.at(-1)
    // Two edits must not touch: letters come in place of those that go.
    if (isEndGone && lastEdit !== undefined) edits[edits.length - 1] = { ...lastEdit, text, forceMoveMarkers: true }
    else if (text !== '') edits.push({ range: monaco.Range.fromPositions(end), text, forceMoveMarkers: true })
    return { kept, edits, start, end, text, isSame: false }
  }

  /** Where the cursor goes, as an offset of the model: behind what was written; where the Backspace key leads, and the Delete key. */
  #cursorAfter({ kept, start, end, text, isSame }: Change, before: monaco.Selection[] | null): number {
    const { model } = this
    const from = model.getOffsetAt(start)
    const stays = isSame ? 0 : kept.reduce((sum, part) => sum + model.getOffsetAt(this.binding.positionAt(part.to)) - model.getOffsetAt(this.binding.positionAt(part.from)), 0)
    const selection = before?.[0]
    const isBackwards = text === '' && selection !== undefined && selection.isEmpty() && selection.getPosition().equals(end)
    return isBackwards ? from : from + stays + text.length
  }
}
