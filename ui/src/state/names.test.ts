import { expect, it } from 'vitest'
import { agoText, fileNameFor, howMany, initials, sentence, sizeText, troubleInName, withEnding } from './names'

it('says when something was', () => {
  const now = new Date(2026, 5, 10, 15, 0).getTime()
  const ago = (...at: [number, number, number, number?, number?]) => agoText(new Date(...at).getTime(), now)
  expect(ago(2026, 5, 10, 14, 59)).toBe('just now')
  expect(ago(2026, 5, 10, 14, 40)).toBe('20 minutes ago')
  expect(ago(2026, 5, 10, 13, 50)).toBe('an hour ago')
  expect(ago(2026, 5, 10, 9, 0)).toBe('6 hours ago')
  expect(ago(2026, 5, 9, 23, 0)).toBe('yesterday')
  expect(ago(2026, 5, 7, 1, 0)).toBe('3 days ago')
  expect(ago(2026, 2, 3)).toBe('3 March')
  expect(ago(2024, 2, 3)).toBe('3 March 2024')
  // A clock that was set back.
  expect(agoText(now + 5000, now)).toBe('just now')
})

it('makes names of files that every system takes', () => {
  expect(fileNameFor('a/b\\c: "d"? 😀')).toBe('a-b-c- -d- 😀')
  expect(fileNameFor('..')).toBe('project')
  expect(fileNameFor('/etc/passwd')).toBe('etc-passwd')
  expect(fileNameFor('😀'.repeat(100))).toBe('😀'.repeat(80))
})

it('counts and weighs', () => {
  expect([howMany(1, 'file'), howMany(2000, 'file')]).toEqual(['1 file', '2,000 files'])
  expect([sizeText(1), sizeText(999), sizeText(1234), sizeText(56_789), sizeText(2.5e6)]).toEqual(['1 byte', '999 bytes', '1.2 kB', '57 kB', '2.5 MB'])
})

it('gives a chosen file the ending that it needs', () => {
  expect(withEnding('/home/ada/paper', ['pdf'])).toBe('/home/ada/paper.pdf')
  expect(withEnding('/home/ada/paper.v2', ['pdf'])).toBe('/home/ada/paper.v2.pdf')
  expect(withEnding('/home/ada/Paper.PDF', ['pdf'])).toBe('/home/ada/Paper.PDF')
  expect(withEnding('/home/ada/paper.tex', ['zip', 'tex'])).toBe('/home/ada/paper.tex')
})

it('knows the names that LaTeX cannot read', () => {
  expect(troubleInName('100 % wool.tex')).toBe('“%”')
  expect(troubleInName('two  spaces.png')).toBe('two spaces in a row')
  expect([troubleInName('über uns.tex'), troubleInName('a_b-c (1).png')]).toEqual([null, null])
})

it('names become signs', () => {
  expect([initials('Ada Lovelace'), initials('Øyvind'), initials(''), initials('𝔊race B. Hopper')]).toEqual(['AL', 'Ø', '?', '𝔊H'])
  expect(sentence('is it so?')).toBe('Is it so?')
})
