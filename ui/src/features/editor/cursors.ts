// Cursors and selections of co-authors in a pane, and one's own for them. Places are fixed to characters (Yjs' relative
// positions), so that they stay right while everybody writes.
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { peerClass } from '../../design/peerColor'
import type { EditorDocument } from './documents'
import { monaco } from './monaco'
import { modelOf, offsetAt, type Shown, shownAt } from './shown'

type Editor = monaco.editor.IStandaloneCodeEditor

/** For so long after somebody has moved his name is shown. */
const NAME_MS = 2500
/** One's own cursor is told at most so often. */
const TELL_MS = 60

/** What co-authors are told, and tell, in the field `cursor` of their state. */
type CursorState = { anchor: unknown; head: unknown }

/** A co-author in this text. */
export type Peer = { client: number; user: string; name: string; selection: monaco.Selection }

/** What the window has to do with cursors. */
export type CursorWishes = {
  /** The user whom the pane follows. */
  following: () => string | null
  /** The author went somewhere himself: nobody is followed any more. */
  leave: () => void
}

/** Shows the cursors of co-authors in a pane and tells them one's own, until `dispose`. */
export class SharedCursors {
  readonly #decorations: monaco.editor.IEditorDecorationsCollection
  readonly #names = new Map<number, NameFlag>()
  readonly #parts: monaco.IDisposable[] = []
  #peers: readonly Peer[] = []
  #frame = 0
  #telling = 0
  #isActive = false

  constructor(
    readonly editor: Editor,
    readonly document: EditorDocument,
    readonly awareness: Awareness,
    readonly wishes: CursorWishes,
    readonly shown: () => Shown,
  ) {
    this.#decorations = editor.createDecorationsCollection()
    this.#parts.push(
      editor.onDidChangeCursorSelection(({ source }) => {
        this.#tellSoon()
        if (source === 'mouse' || source === 'keyboard') this.wishes.leave()
      }),
      editor.onDidFocusEditorText(() => this.setActive(true)),
      // To suggest is to write in a copy, in which places stand elsewhere.
      editor.onDidChangeModel(() => {
        this.#drawSoon()
        this.#tellSoon()
      }),
    )
    awareness.on('change', this.#changed)
    document.text.observe(this.#textChanged)
    this.#draw()
  }

  /** Whether one's cursor is in this text; only one text has it at a time. */
  setActive(isActive: boolean): void {
    if (isActive === this.#isActive) return
    this.#isActive = isActive
    if (isActive) this.#tell()
    else this.awareness.setLocalState(null)
  }

  /** Goes to where somebody is; false when he is not in this text. */
  goTo(user: string): boolean {
    const peer = this.#peers.find((known) => known.user === user)
    if (peer === undefined) return false
    this.editor.revealPositionInCenterIfOutsideViewport(peer.selection.getPosition())
    this.#names.get(peer.client)?.show()
    return true
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame)
    window.clearTimeout(this.#telling)
    this.awareness.off('change', this.#changed)
    this.document.text.unobserve(this.#textChanged)
    this.setActive(false)
    for (const part of this.#parts) part.dispose()
    for (const name of this.#names.values()) name.dispose()
    this.#decorations.clear()
  }

  #tellSoon(): void {
    if (!this.#isActive || this.#telling !== 0) return
    this.#telling = window.setTimeout(() => this.#tell(), TELL_MS)
  }

  #tell(): void {
    window.clearTimeout(this.#telling)
    this.#telling = 0
    const selection = this.editor.getSelection()
    const shown = this.shown()
    if (!this.#isActive || selection === null || shown.document !== this.document || this.editor.getModel() !== modelOf(shown)) return
    const fix = (position: monaco.IPosition) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.document.text, offsetAt(shown, position)))
    const anchor = { lineNumber: selection.selectionStartLineNumber, column: selection.selectionStartColumn }
    const cursor: CursorState = { anchor: fix(anchor), head: fix(selection.getPosition()) }
    this.awareness.setLocalState({ cursor })
  }

  readonly #changed = (): void => this.#drawSoon()

  readonly #textChanged = (): void => {
    if (this.#peers.length > 0) this.#drawSoon()
  }

  #drawSoon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  #draw(): void {
    this.#frame = 0
    // Another text is about to come into the pane.
    if (this.shown().document !== this.document) return
    const before = new Map(this.#peers.map((peer) => [peer.client, peer]))
    this.#peers = peersOf(this.document.text, this.awareness, (offset) => shownAt(this.shown(), offset))
    this.#decorations.set(this.#peers.flatMap(decorationsOf))
    const here = new Set(this.#peers.map(({ client }) => client))
    for (const [client, name] of this.#names) {
      if (here.has(client)) continue
      name.dispose()
      this.#names.delete(client)
    }
    for (const peer of this.#peers) {
      const flag = this.#names.get(peer.client) ?? new NameFlag(this.editor, peer)
      this.#names.set(peer.client, flag)
      const moved = before.get(peer.client)?.selection.equalsSelection(peer.selection) !== true
      flag.moveTo(peer.selection.getPosition(), moved)
      if (moved && peer.user === this.wishes.following()) {
        this.editor.revealPositionInCenterIfOutsideViewport(peer.selection.getPosition())
      }
    }
  }
}

/** Co-authors whose cursor is in the text; `positionAt` says where an offset of it is shown. */
export function peersOf(text: Y.Text, awareness: Awareness, positionAt: (offset: number) => monaco.Position): Peer[] {
  const { doc } = text
  if (doc === null) return []
  const place = (json: unknown): monaco.Position | null => {
    const absolute = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(json), doc)
    return absolute === null || absolute.type !== text ? null : positionAt(absolute.index)
  }
  return [...awareness.getStates()].flatMap(([client, state]) => {
    const { user, cursor } = state as { user?: { id?: unknown; name?: unknown }; cursor?: CursorState }
    if (client === doc.clientID || typeof user?.id !== 'string' || typeof user.name !== 'string' || cursor === undefined) return []
    const [anchor, head] = [place(cursor.anchor), place(cursor.head)]
    if (anchor === null || head === null) return []
    return [{ client, user: user.id, name: user.name, selection: monaco.Selection.fromPositions(anchor, head) }]
  })
}

function decorationsOf({ user, name, selection }: Peer): monaco.editor.IModelDeltaDecoration[] {
  const color = peerClass(user)
  const stickiness = monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges
  const hoverMessage = { value: name.replaceAll(/[\\`*_{}[\]()#+\-.!<>|]/g, '\\$&') }
  const caret = {
    range: monaco.Range.fromPositions(selection.getPosition()),
    options: { description: 'co-author', beforeContentClassName: `quire-peer-caret ${color}`, hoverMessage, stickiness, zIndex: 10 },
  }
  if (selection.isEmpty()) return [caret]
  const options = { description: 'co-author', className: `quire-peer-selection ${color}`, stickiness }
  return [{ range: selection, options }, caret]
}

/** A co-author's name over his cursor. */
class NameFlag implements monaco.editor.IContentWidget {
  readonly allowEditorOverflow = false
  readonly suppressMouseDown = true
  readonly #node = document.createElement('div')
  #position: monaco.IPosition | null = null
  #timer = 0

  constructor(
    readonly editor: Editor,
    readonly peer: Peer,
  ) {
    this.#node.className = `quire-peer-name ${peerClass(peer.user)}`
    this.#node.textContent = peer.name
    // The list of who is here tells it to those who do not see it.
    this.#node.setAttribute('aria-hidden', 'true')
    editor.addContentWidget(this)
  }

  getId(): string {
    return `quire-peer-${this.peer.client}`
  }

  getDomNode(): HTMLElement {
    return this.#node
  }

  getPosition(): monaco.editor.IContentWidgetPosition | null {
    const { ABOVE, BELOW } = monaco.editor.ContentWidgetPositionPreference
    return this.#position === null ? null : { position: this.#position, preference: [ABOVE, BELOW] }
  }

  moveTo(position: monaco.IPosition, show: boolean): void {
    this.#position = position
    this.editor.layoutContentWidget(this)
    if (show) this.show()
  }

  show(): void {
    this.#node.classList.remove('quire-peer-name-away')
    window.clearTimeout(this.#timer)
    this.#timer = window.setTimeout(() => this.#node.classList.add('quire-peer-name-away'), NAME_MS)
  }

  dispose(): void {
    window.clearTimeout(this.#timer)
    this.editor.removeContentWidget(this)
  }
}
