import { expect, test } from 'vitest'
import { connectionWords, initials, sentence } from './words'

const at = { relayName: 'relay.example.org', readOnly: null }

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
  const words = connectionWords({ ...at, readOnly: 'you are a viewer', connection: { type: 'online', saved: true } })
  expect(words).toMatchObject({ label: 'Read only', meaning: 'You are a viewer.' })
})

test('names become signs', () => {
  expect([initials('Ada Lovelace'), initials('Øyvind'), initials(''), initials('𝔊race B. Hopper')]).toEqual(['AL', 'Ø', '?', '𝔊H'])
  expect(sentence('is it so?')).toBe('Is it so?')
})
