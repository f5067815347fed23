import { expect, test } from 'vitest'
import type { Writer } from '../../ipc/generated'
import { changesText, namesOfWriters } from './writers'

const person = (name: string): Writer => ({ type: 'person', name, user: name.toLowerCase() })

test('those who wrote are named as one says it', () => {
  expect(namesOfWriters([{ type: 'me' }])).toBe('You')
  expect(namesOfWriters([person('Bob'), { type: 'me' }, person('Carol')])).toBe('You, Bob and Carol')
  expect(namesOfWriters([{ type: 'unknown' }])).toBe('')
  expect(namesOfWriters([{ type: 'coAuthors' }, { type: 'gone' }])).toBe('Co-authors and Somebody who has left')
  expect(changesText({ changes: 1, mark: 'onlyHere' })).toBe('1 change')
  expect(changesText({ changes: 30, mark: 'shared' })).toBe('shared')
  expect(changesText({ changes: 0, mark: 'onlyHere' })).toBe('')
})
