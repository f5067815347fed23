import { expect, test } from 'vitest'
import { bannerWords, connectionWords, endText } from './words'

const at = { relayName: 'relay.example.org', readOnly: null, mayDiscuss: true }

test('it is said where what one wrote is saved', () => {
  expect(connectionWords({ ...at, connection: { type: 'online', saved: true } }).label).toBe('Saved on the relay')
  expect(connectionWords({ ...at, connection: { type: 'online', saved: false } }).meaning).toContain('saved on this computer')
})

test('who is offline learns since when and why, and that nothing is lost', () => {
  const since = new Date(2026, 0, 1, 14, 5).getTime()
  const words = connectionWords({ ...at, connection: { type: 'offline', since, why: 'nothing answers at this address' } })
  expect(words.label).toMatch(/^Offline since .*05/)
  expect(words.meaning).toContain('nothing answers at this address')
  expect(words.meaning).toContain('saved on this computer')
})

test('a reader learns why he cannot write', () => {
  const viewer = { ...at, readOnly: 'you are a viewer', mayDiscuss: false }
  expect(connectionWords({ ...viewer, connection: { type: 'online', saved: true } })).toMatchObject({ label: 'Read only', meaning: 'You are a viewer.' })
  expect(bannerWords(viewer)).toBe('You are a viewer.')
})

test('what a commenter types is suggested, and saved like what others write', () => {
  const commenter = { ...at, readOnly: 'you are a commenter', mayDiscuss: true }
  expect(connectionWords({ ...commenter, connection: { type: 'online', saved: true } }).label).toBe('Saved on the relay')
  expect(bannerWords(commenter)).toContain('what you type is suggested')
  expect(bannerWords(at)).toBeNull()
})

test('a link says until when it is good', () => {
  expect(endText(null)).toBe('good until it is taken back')
  expect(endText(new Date(2030, 2, 1, 14, 5).toISOString(), 'en-GB')).toBe('good until 1 Mar 2030, 14:05')
})
