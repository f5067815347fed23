// The window as a peer of a document: a Yjs document here, one in the application, and the sync protocol of
// y-protocols between them. Frames arrive in the order in which they leave; what is typed while many
// are under way goes with the next.
import { Channel, invoke } from '@tauri-apps/api/core'
import { toBase64 } from 'lib0/buffer'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeUpdate } from 'y-protocols/sync'
import * as Y from 'yjs'
import { asCallError, type CallError, request } from './call'
import { Durability } from './durability'
import type { ProjectId, ProjectPath } from './generated'

const MESSAGE_SYNC = 0
const MESSAGE_AWARENESS = 1
const MESSAGE_QUERY_AWARENESS = 3
/** So many frames wait for their answers at a time: an answer waits until the window has drawn what was typed, and
    the next letters need not wait for it. */
const UNDER_WAY = 32

/** Which document of a project: the text of a file, or what is said about all of them. */
export type DocumentName = { project: ProjectId; path: ProjectPath } | { project: ProjectId; discussion: true }

/** A document that is open in this window. */
export class DocumentPeer {
  readonly doc = new Y.Doc()
  /** The text, empty until `ready`; the discussion has none. */
  readonly text = this.doc.getText('text')
  /** Resolves when the text is there. */
  readonly ready: Promise<void>
  #peer: number | null = null
  #outbox: Uint8Array[] = []
  #updates: Uint8Array[] = []
  readonly #durability = new Durability()
  readonly #underWay = new Set<Promise<void>>()
  #closed = false
  #awareness: Awareness | null = null
  /** Where our cursor is now; only the last counts. */
  #presence: Uint8Array | null = null

  constructor(
    name: DocumentName,
    private readonly onError: (error: CallError) => void,
  ) {
    this.doc.on('update', this.#changed)
    this.ready = this.#open(name)
  }

  /** Resolves when all that was typed has been taken by the application. */
  async flush(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Cursors of co-authors, and one's own for them; from the first call on they are told and heard of. */
  meet(): Awareness {
    if (this.#awareness === null) {
      this.#awareness = new Awareness(this.doc)
      this.#awareness.setLocalState(null)
      this.#awareness.on('update', this.#moved)
      this.#send(Uint8Array.of(MESSAGE_QUERY_AWARENESS))
    }
    return this.#awareness
  }

  /** Goes, once everything is sent. */
  async close(): Promise<void> {
    this.#awareness?.setLocalState(null)
    await this.flush()
    this.#closed = true
    this.doc.off('update', this.#changed)
    this.#awareness?.destroy()
    if (this.#peer !== null) await request<void>('detach', { peer: this.#peer }).catch(() => undefined)
    this.doc.destroy()
  }

  async #open(name: DocumentName): Promise<void> {
    const frames = new Channel<ArrayBuffer>()
    const synced = new Promise<void>((resolve) => {
      frames.onmessage = (frame) => {
        if (this.#receive(new Uint8Array(frame))) resolve()
      }
    })
    const { project } = name
    const attached = 'path' in name ? request<number>('attach', { project, path: name.path, frames }) : request<number>('attach_discussion', { project, frames })
    this.#peer = await attached
    const hello = encoding.createEncoder()
    encoding.writeVarUint(hello, MESSAGE_SYNC)
    writeSyncStep1(hello, this.doc)
    this.#send(encoding.toUint8Array(hello))
    await synced
  }

  /** Takes a frame; true when it brought the whole text. */
  #receive(frame: Uint8Array): boolean {
    if (this.#closed) return false
    const decoder = decoding.createDecoder(frame)
    let isWhole = false
    while (decoding.hasContent(decoder)) {
      const type = decoding.readVarUint(decoder)
      if (type === MESSAGE_AWARENESS) {
        const told = decoding.readVarUint8Array(decoder)
        if (this.#awareness !== null) applyAwarenessUpdate(this.#awareness, told, this)
        continue
      }
      if (type === MESSAGE_QUERY_AWARENESS) {
        // Told once more, which is news to everybody: its clock goes on.
        const awareness = this.#awareness
        if (awareness !== null && awareness.getLocalState() !== null) awareness.setLocalState({ ...awareness.getLocalState() })
        continue
      }
      if (type !== MESSAGE_SYNC) return isWhole
      const reply = encoding.createEncoder()
      encoding.writeVarUint(reply, MESSAGE_SYNC)
      const kind = readSyncMessage(decoder, reply, this.doc, this)
      if (encoding.length(reply) > 1) this.#send(encoding.toUint8Array(reply))
      isWhole ||= kind === 1
    }
    return isWhole
  }

  readonly #changed = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return
    this.#updates.push(update)
    this.#durability.edited()
    this.#pump()
  }

  readonly #moved = (changes: { added: number[]; updated: number[]; removed: number[] }, origin: unknown): void => {
    const own = this.doc.clientID
    const awareness = this.#awareness
    if (awareness === null || origin === this) return
    if (![changes.added, changes.updated, changes.removed].some((clients) => clients.includes(own))) return
    const frame = encoding.createEncoder()
    encoding.writeVarUint(frame, MESSAGE_AWARENESS)
    encoding.writeVarUint8Array(frame, encodeAwarenessUpdate(awareness, [own]))
    this.#presence = encoding.toUint8Array(frame)
    this.#pump()
  }

  #send(frame: Uint8Array): void {
    this.#outbox.push(frame)
    this.#pump()
  }

  #pump(): void {
    while (this.#peer !== null && this.#underWay.size < UNDER_WAY && this.#hasNews()) {
      const sent = this.#sendNext(this.#peer).finally(() => {
        this.#underWay.delete(sent)
        this.#pump()
      })
      this.#underWay.add(sent)
    }
  }

  #hasNews(): boolean {
    return this.#outbox.length > 0 || this.#updates.length > 0 || this.#presence !== null
  }

  async #sendNext(peer: number): Promise<void> {
    // What was typed goes before where the cursor is now: it may stand in it.
    const isEdit = this.#outbox.length === 0 && this.#updates.length > 0
    const message = this.#outbox.shift() ?? (isEdit ? this.#takeUpdates() : this.#takePresence())
    try {
      const taken = invoke('frame', { peer, frame: toBase64(message) })
      if (isEdit) this.#durability.left()
      await taken
    } catch (error) {
      this.onError(asCallError(error))
    }
  }

  #takePresence(): Uint8Array {
    const presence = this.#presence ?? new Uint8Array()
    this.#presence = null
    return presence
  }

  #takeUpdates(): Uint8Array {
    const update = this.#updates.length === 1 ? this.#updates[0] : Y.mergeUpdates(this.#updates)
    this.#updates = []
    const message = encoding.createEncoder()
    encoding.writeVarUint(message, MESSAGE_SYNC)
    writeUpdate(message, update ?? new Uint8Array())
    return encoding.toUint8Array(message)
  }
}
