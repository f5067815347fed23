import { afterEach, expect, test } from 'vitest'
import { moveToPart } from './parts'

afterEach(() => document.body.replaceChildren())

function show(html: string): void {
  document.body.innerHTML = html
}

function walk(step: 1 | -1, times: number): (string | undefined)[] {
  return Array.from({ length: times }, () => {
    moveToPart(step)
    return document.activeElement?.id
  })
}

const WINDOW = `
  <header data-part><button id="back">←</button></header>
  <nav data-part><input id="view"><div data-part-body><button id="new">+</button><div id="file" tabindex="0">a</div><button id="more">…</button></div></nav>
  <section data-part><div id="tab" tabindex="0">a.tex</div><div data-part-body><textarea id="text"></textarea></div></section>
  <section data-part><button id="zoom">+</button><div id="pages" data-part-body tabindex="0"></div></section>`

test('the keyboard goes round, to what one wants of each part', () => {
  show(WINDOW)
  expect(walk(1, 5)).toEqual(['back', 'file', 'text', 'pages', 'back'])
  expect(walk(-1, 3)).toEqual(['pages', 'text', 'file'])
})

test('a part remembers where the keyboard was in it', () => {
  show(WINDOW)
  document.getElementById('more')?.focus()
  expect(walk(1, 1)).toEqual(['text'])
  expect(walk(-1, 1)).toEqual(['more'])
})

test('what is folded away or has nothing for the keyboard is passed over', () => {
  show('<section data-part><textarea id="text"></textarea></section><nav inert><div data-part><button id="hidden">x</button></div></nav><aside data-part>Nothing</aside>')
  expect(walk(1, 2)).toEqual(['text', 'text'])
})
