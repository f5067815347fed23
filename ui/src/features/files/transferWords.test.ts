import { expect, test } from 'vitest'
import type { FileTransfers } from '../../ipc/generated'
import { transferWords } from './transferWords'

const none: FileTransfers = { toSend: 0, toCome: 0, current: null, percent: 0, isStopped: false, keptBack: [] }

test('what is on its way is told in words, and nothing when nothing is', () => {
  expect(transferWords(none)).toBeNull()
  expect(transferWords({ ...none, toSend: 1, percent: 40, current: 'fig/plot.png' })).toEqual({
    label: 'Sending 1 file · 40 %',
    meaning: 'On the way: 1 file to the relay. Now: fig/plot.png.',
    tone: 'waiting',
  })
  expect(transferWords({ ...none, toSend: 2, toCome: 1 })?.meaning).toBe('On the way: 2 files to the relay, 1 file from it.')
  expect(transferWords({ ...none, toCome: 3, isStopped: true })?.label).toBe('3 files waiting')
  expect(transferWords({ ...none, keptBack: [{ path: 'a.zip', why: 'too large' }] })?.label).toBe('1 file not shared')
})
