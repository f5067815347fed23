import { expect, test } from 'vitest'
import { rightsIn } from './sharing'

test('a commenter takes part in the discussion, a viewer reads', () => {
  expect(rightsIn(null)).toBe('write')
  expect(rightsIn({ readOnly: null, mayDiscuss: true })).toBe('write')
  expect(rightsIn({ readOnly: 'you are a commenter', mayDiscuss: true })).toBe('discuss')
  expect(rightsIn({ readOnly: 'you are a viewer', mayDiscuss: false })).toBe('read')
})
