import { expect, test } from 'vitest'
import { awayWords, bellLabel, whatHappened } from './words'

test('the bell says how much is new', () => {
  expect([0, 1, 12].map(bellLabel)).toEqual(['Notifications', '1 new notification', '12 new notifications'])
})

test('each kind reads as a sentence', () => {
  expect(whatHappened({ kind: 'mention', thread: null, role: null })).toBe('mentions you in the chat of')
  expect(whatHappened({ kind: 'mention', thread: 't', role: null })).toBe('mentions you in a comment in')
  expect(whatHappened({ kind: 'reply', thread: 't', role: null })).toBe('replied to a comment in')
  expect(whatHappened({ kind: 'invitation', thread: null, role: 'editor' })).toBe('invites you, as an editor, into')
  expect(whatHappened({ kind: 'invitation', thread: null, role: 'viewer' })).toBe('invites you, as a viewer, into')
})

test('what is old says of when it is', () => {
  const toldAt = new Date(2026, 2, 1, 14, 5).getTime()
  expect(awayWords({ relayName: 'relay.example.org', toldAt }, toldAt + 60_000)).toBe('relay.example.org cannot be reached now. This is what it told last: 14:05.')
  expect(awayWords({ relayName: 'relay.example.org', toldAt }, toldAt + 86_400_000)).toContain('Yesterday, 14:05')
})
