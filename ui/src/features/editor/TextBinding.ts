// Keeps a Monaco model and a Y.Text the same. Undo belongs to Yjs, so that it takes back only what was typed here:
// the model's own undo and redo lead there, whichever key, menu or Vim command asks.
//
// Not y-monaco: it sets one selection after every remote edit (multi-cursors collapse), applies each part of an
// edit as an edit of its own, leaves Monaco's undo in place and loses count in files with CRLF.
import * as Y from 'yjs'
import { differingMiddle, hiddenUnits, type HiddenUnits, modelText, toModelOffset, toTextOffset, withLf } from './lineEnds'
import { monaco } from './monaco'

type Editor = monaco.editor.ICodeEditor
type Model = monaco.editor.ITextModel
/** A selection fixed to characters, so that it survives the edits of others. */
type Anchors = readonly { anchor: Y.RelativePosition; head: Y.RelativePosition }[]

const SELECTIONS = 'selections'

/** Makes the model for a text, in LF, at an address of its own. */
export function createBoundModel(text: Y.Text, language: string, uri: monaco.Uri): Model {
  const model = monaco.editor.createModel(modelText(text.toString()), language, uri)
  // A text of one line has no line ends to go by; Monaco would take the platform's.
  model.setEOL(monaco.editor.EndOfLineSequence.LF)
  return model
}

/** A model bound to a text until `dispose`. The model must have been made by `createBoundModel`. */
export class TextBinding {
  /** The history of what was typed here. */
  readonly undoManager: Y.UndoManager
  #hidden: HiddenUnits
  #applyingRemote = false
  #applyingLocal = false
  #stepEnded = true
  #stepHeld = false
  /** Where the cursors were, as model offsets, when the step began that is being typed. */
  #offsetsBefore: readonly (readonly [anchor: number, head: number])[] = []
  #anchorsBefore: Anchors = []
  readonly #editors = new Set<Editor>()
  readonly #subscription: monaco.IDisposable

  constructor(
    readonly text: Y.Text,
    readonly model: Model,
  ) {
    if (text.doc === null) throw new Error('a text is bound after it belongs to a document')
    this.#hidden = hiddenUnits(text.toString())
    // Monaco says where one step of undo ends (pushStackElement); the clock has no say.
    this.undoManager = new Y.UndoManager(text, { trackedOrigins: new Set([this]), captureTimeout: Number.MAX_SAFE_INTEGER })
    text.observe(this.#textChanged)
    this.#subscription = model.onDidChangeContent((event) => this.#modelChanged(event))
    this.#leadUndoHere()
  }

  /** Remembers an editor that shows the model, to put its cursors back on undo, until it is disposed of. */
  attach(editor: Editor): monaco.IDisposable {
    this.#editors.add(editor)
    return { dispose: () => this.#editors.delete(editor) }
  }

  /** The Y.Text offset of a place in the model. */
  textOffsetAt(position: monaco.IPosition): number {
    return toTextOffset(this.#hidden, this.model.getOffsetAt(position))
  }

  /** The place in the model of a Y.Text offset. */
  positionAt(textOffset: number): monaco.Position {
    return this.model.getPositionAt(toModelOffset(this.#hidden, textOffset))
  }

  /** Ends the binding; the text stays. */
  dispose(): void {
    this.text.unobserve(this.#textChanged)
    this.#subscription.dispose()
    this.#editors.clear()
    this.undoManager.destroy()
  }

  /** Holds one step of undo open, whatever Monaco thinks: a new one, or the last, which goes on. */
  holdStep(isNew: boolean): void {
    this.#offsetsBefore = this.#cursorOffsets()
    if (isNew) this.#beginStep()
    this.#stepEnded = false
    this.#stepHeld = true
  }

  /** Changes something else in the document as part of the step that is being typed, or of a new one. */
  alongside(change: () => void): void {
    if (this.#stepEnded && !this.#stepHeld) this.#beginStep()
    this.text.doc?.transact(change, this)
  }

  /** Lets it go. What is written next can be undone by itself. */
  endStep(): void {
    this.#stepHeld = false
    this.#stepEnded = true
    this.#offsetsBefore = this.#cursorOffsets()
  }

  #beginStep(): void {
    this.undoManager.stopCapturing()
    // The text is still what it was before this edit, and so are these offsets.
    this.#anchorsBefore = this.#anchorsOf(this.#offsetsBefore)
    this.#stepEnded = false
  }

  #modelChanged(event: monaco.editor.IModelContentChangedEvent): void {
    if (this.#applyingRemote) return
    const { doc } = this.text
    if (doc === null) return
    if (this.#stepEnded && !this.#stepHeld) this.#beginStep()
    // Right to left: the offsets of what stands before stay true.
    const changes = event.changes.toSorted((a, b) => b.rangeOffset - a.rangeOffset)
    this.#applyingLocal = true
    try {
      doc.transact(() => {
        for (const change of changes) {
          const from = toTextOffset(this.#hidden, change.rangeOffset)
          const to = change.rangeLength === 0 ? from : toTextOffset(this.#hidden, change.rangeOffset + change.rangeLength)
          if (to > from) this.text.delete(from, to - from)
          if (change.text !== '') this.text.insert(from, this.#hidden.insertsCrlf ? change.text.replaceAll('\n', '\r\n') : change.text)
        }
      }, this)
    } finally {
      this.#applyingLocal = false
    }
    const seams = event.changes.flatMap((change) => [change.rangeOffset, change.rangeOffset + change.text.length])
    if (this.#hidden.hasBom || this.#hidden.hasCr || this.#isDelicate(seams)) this.#settle()
  }

  readonly #textChanged = (event: Y.YTextEvent): void => {
    if (this.#applyingLocal) return
    // In offsets of the old text; a deletion and an insertion at one place are one edit.
    const edits: { from: number; to: number; insert: string }[] = []
    const editAt = (at: number) => {
      const last = edits.at(-1)
      if (last?.to === at) return last
      const edit = { from: at, to: at, insert: '' }
      edits.push(edit)
      return edit
    }
    let at = 0
    let delicate = this.#hidden.hasBom || this.#hidden.hasCr
    for (const part of event.delta) {
      if (part.retain !== undefined) {
        at += part.retain
      } else if (part.delete !== undefined) {
        editAt(at).to = at + part.delete
        at += part.delete
      } else if (typeof part.insert === 'string') {
        editAt(at).insert += part.insert
        delicate ||= part.insert.includes('\r')
      }
    }
    const operations = edits.map(({ from, to, insert }) => ({
      range: monaco.Range.fromPositions(this.positionAt(from), this.positionAt(to)),
      text: withLf(insert),
    }))
    this.#applyingRemote = true
    try {
      this.model.applyEdits(operations)
    } finally {
      this.#applyingRemote = false
    }
    let shift = 0
    const seams = edits.flatMap(({ from, to, insert }) => {
      const start = from + shift
      shift += insert.length - (to - from)
      return [start, start + insert.length]
    })
    if (delicate || this.#isDelicate(seams)) this.#settle()
  }

  /** Whether an edit with these ends (model offsets) left half a surrogate pair, which Yjs replaces by U+FFFD, or
      brought a byte order mark to the start; or the two sides are not of one length, for whatever reason. */
  #isDelicate(seams: readonly number[]): boolean {
    if (this.model.getValueLength() + this.#hidden.offsets.length !== this.text.length) return true
    const unitAt = (offset: number): number => {
      const { lineNumber, column } = this.model.getPositionAt(offset)
      return this.model.getLineLength(lineNumber) < column ? 0 : this.model.getLineContent(lineNumber).charCodeAt(column - 1)
    }
    return seams.some((seam) => {
      if (seam === 0) return unitAt(0) === 0xfeff || isLow(unitAt(0))
      return isHigh(unitAt(seam - 1)) !== isLow(unitAt(seam))
    })
  }

  /** Counts what is hidden again, and makes the model what the text says where an edit went through a CRLF. */
  #settle(): void {
    const text = this.text.toString()
    this.#hidden = hiddenUnits(text)
    const wanted = modelText(text)
    const has = this.model.getValue()
    if (wanted === has) return
    const { start, oldEnd, newEnd } = differingMiddle(has, wanted)
    const range = monaco.Range.fromPositions(this.model.getPositionAt(start), this.model.getPositionAt(oldEnd))
    this.#applyingRemote = true
    try {
      this.model.applyEdits([{ range, text: wanted.slice(start, newEnd) }])
    } finally {
      this.#applyingRemote = false
    }
  }

  #leadUndoHere(): void {
    const { model, undoManager } = this
    const pushStackElement = model.pushStackElement.bind(model)
    const take = (step: () => unknown) => {
      this.#stepEnded = true
      this.#stepHeld = false
      this.#anchorsBefore = this.#anchorsOf(this.#cursorOffsets())
      step()
    }
    // The methods of this one model: Monaco's commands, its menus, Vim and Emacs keys all end in them.
    Object.assign(model, {
      undo: () => take(() => undoManager.undo()),
      redo: () => take(() => undoManager.redo()),
      canUndo: () => undoManager.canUndo(),
      canRedo: () => undoManager.canRedo(),
      pushStackElement: () => {
        this.#stepEnded = true
        this.#offsetsBefore = this.#cursorOffsets()
        pushStackElement()
      },
    })
    undoManager.on('stack-item-added', ({ stackItem }) => stackItem.meta.set(SELECTIONS, this.#anchorsBefore))
    undoManager.on('stack-item-popped', ({ stackItem }) => {
      const anchors = stackItem.meta.get(SELECTIONS) as Anchors | undefined
      if (anchors !== undefined) this.#showAnchors(anchors)
    })
  }

  /** The editor in which the author is: the one with the focus, else any that shows the model. */
  #activeEditor(): Editor | undefined {
    const showing = [...this.#editors].filter((editor) => editor.getModel() === this.model)
    return showing.find((editor) => editor.hasTextFocus()) ?? showing[0]
  }

  #cursorOffsets(): readonly (readonly [number, number])[] {
    const selections = this.#activeEditor()?.getSelections() ?? []
    return selections.map((selection) => [
      this.model.getOffsetAt({ lineNumber: selection.selectionStartLineNumber, column: selection.selectionStartColumn }),
      this.model.getOffsetAt({ lineNumber: selection.positionLineNumber, column: selection.positionColumn }),
    ])
  }

  #anchorsOf(offsets: readonly (readonly [number, number])[]): Anchors {
    const fix = (offset: number) =>
      Y.createRelativePositionFromTypeIndex(this.text, Math.min(this.text.length, toTextOffset(this.#hidden, offset)))
    return offsets.map(([anchor, head]) => ({ anchor: fix(anchor), head: fix(head) }))
  }

  #showAnchors(anchors: Anchors): void {
    const editor = this.#activeEditor()
    const { doc } = this.text
    if (editor === undefined || doc === null) return
    const place = (anchor: Y.RelativePosition): monaco.Position | null => {
      const absolute = Y.createAbsolutePositionFromRelativePosition(anchor, doc)
      return absolute === null ? null : this.positionAt(absolute.index)
    }
    const selections = anchors.flatMap(({ anchor, head }) => {
      const [from, to] = [place(anchor), place(head)]
      return from === null || to === null ? [] : [monaco.Selection.fromPositions(from, to)]
    })
    const [first] = selections
    if (first === undefined) return
    editor.setSelections(selections, 'undo')
    editor.revealPositionInCenterIfOutsideViewport(first.getPosition())
  }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
