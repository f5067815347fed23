// Undo as a property: whatever two windows and another program write, a step that is taken back leaves the text as
// it was before, and forth as it was after. Each letter is written once, so that one that comes back where it should
// not, or twice, is seen. Only one window takes back: what two delete at once and both bring back is there twice.
import { afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { modelText } from './lineEnds'
import { monaco } from './monaco'
import { seededRandom } from './seededRandom'
import { createBoundModel, TextBinding } from './TextBinding'

const open: { dispose: () => void }[] = []
afterEach(() => {
  for (const item of open.splice(0).toReversed()) item.dispose()
})

let serial = 0
/** A window that shows a document. */
function windowOf(doc: Y.Doc) {
  const text = doc.getText('text')
  serial += 1
  const model = createBoundModel(text, 'plaintext', monaco.Uri.parse(`undo:/${serial}`))
  const binding = new TextBinding(text, model)
  open.push(model, binding)
  return { doc, text, model, binding }
}

function exchange(docs: readonly Y.Doc[]) {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'net')
}

const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)

test.each(SEEDS.flatMap((seed) => [{ seed, end: '\n' }, { seed, end: '\r\n' }]))('what is undone is what was done: $seed, $end', ({ seed, end }) => {
  const below = seededRandom(seed)
  let letter = 0x4e00
  const fresh = (length: number) => Array.from({ length }, () => String.fromCharCode((letter += 1))).join('')
  const disk = new Y.Doc()
  disk.getText('text').insert(0, [fresh(4), fresh(3), fresh(4)].join(end))
  const docs = [disk, new Y.Doc(), new Y.Doc()]
  exchange(docs)
  const windows = docs.slice(1).map(windowOf)
  const story: string[] = []
  for (let step = 0; step < 40; step += 1) {
    const here = windows[below(2)]
    if (here === undefined) throw new Error('no window')
    const { model, binding, text } = here
    const tell = (what: string) => story.push(`${windows.indexOf(here)} ${what}: ${JSON.stringify(text.toString())}`)
    const write = () => {
      const length = model.getValueLength()
      const at = below(length + 1)
      const remove = below(Math.min(4, length - at) + 1)
      const insert = `${fresh(below(3))}${below(4) === 0 ? '\n' : ''}`
      const range = monaco.Range.fromPositions(model.getPositionAt(at), model.getPositionAt(at + remove))
      model.pushEditOperations([], [{ range, text: insert }], () => null)
      tell(`-${remove} +${JSON.stringify(insert)} at ${at}`)
    }
    const act = below(8)
    if (act < 4) {
      const before = text.toString()
      // As Vim holds a step open while it inserts, or as Monaco ends each.
      const isHeld = below(2) === 0
      if (isHeld) binding.holdStep(true)
      else model.pushStackElement()
      for (let edit = 0; edit <= (isHeld ? below(3) : 0); edit += 1) write()
      if (isHeld) binding.endStep()
      const after = text.toString()
      if (after !== before && act < 2 && here === windows[0]) {
        model.undo()
        tell('undo')
        expect(text.toString(), story.join('\n')).toBe(before)
        model.redo()
        tell('redo')
        expect(text.toString(), story.join('\n')).toBe(after)
      }
    } else if (act < 6) {
      const theirs = disk.getText('text')
      const at = below(theirs.length + 1)
      disk.transact(() => {
        theirs.delete(at, below(Math.min(4, theirs.length - at) + 1))
        theirs.insert(at, below(3) === 0 ? end : fresh(1))
      })
    } else if (here === windows[0]) {
      if (act === 6) model.undo()
      else model.redo()
      tell(act === 6 ? 'undo' : 'redo')
    }
    if (below(2) === 0) exchange(docs)
    for (const { model, text } of windows) {
      expect(model.getValue(), story.join('\n')).toBe(modelText(text.toString()))
      const letters = text.toString().replaceAll(/[\r\n]/g, '')
      expect(new Set(letters).size, story.join('\n')).toBe(letters.length)
    }
  }
  exchange(docs)
  exchange(docs)
  expect(windows[0]?.text.toString()).toBe(disk.getText('text').toString())
  expect(windows[1]?.text.toString()).toBe(disk.getText('text').toString())
})
