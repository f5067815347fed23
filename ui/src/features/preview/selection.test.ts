import { describe, expect, it } from 'vitest'
import type { PageWord } from '../../ipc/generated'
import { boxesOf, ordered, placeNear, rangeOnPage, textOf } from './selection'

/** Lines of words: ten points to a letter, twelve to a line. */
function words(...lines: string[]): PageWord[] {
  return lines.flatMap((line, row) => {
    let x = 0
    const texts = line.split(' ')
    return texts.map((text, i): PageWord => {
      const bounds = { x, y: row * 12, width: text.length * 10, height: 10 }
      x += (text.length + 1) * 10
      return { text, bounds, angle: 0, gap: i === texts.length - 1 ? 'line' : 'space' }
    })
  })
}

const all = (list: readonly PageWord[]) => ({
  from: { page: 0, word: 0, letter: 0 },
  to: { page: 0, word: list.length - 1, letter: list.at(-1)?.text.length ?? 0 },
})

describe('selected text', () => {
  it('joins lines and words that are broken over them', () => {
    const list = words('A hyphen-', 'ated word, well-', 'Known and more', 'so on')
    expect(textOf(list, all(list))).toBe('A hyphenated word, well-Known and more so on')
  })

  it('begins and ends within words', () => {
    const list = words('alpha beta', 'gamma')
    expect(textOf(list, { from: { page: 0, word: 0, letter: 2 }, to: { page: 0, word: 2, letter: 3 } })).toBe('pha beta gam')
  })

  it('keeps paragraphs apart', () => {
    const list = words('one', 'two')
    const far = list.map((word, i) => (i === 1 ? { ...word, bounds: { ...word.bounds, y: 40 } } : word))
    expect(textOf(far, all(far))).toBe('one\ntwo')
    // Where the next word would have had room, the line was ended on purpose.
    const two = words('a long line of words', 'that ends here.', 'It begins again and', 'its end')
    expect(textOf(two, all(two))).toBe('a long line of words that ends here.\nIt begins again and its end')
  })

  it('begins at the letter nearest to the pointer, of the line nearest to it', () => {
    const list = words('alpha beta', 'gamma')
    expect(placeNear(list, 3, 21, 5)).toEqual({ page: 3, word: 0, letter: 2 })
    expect(placeNear(list, 3, 400, 2)).toEqual({ page: 3, word: 1, letter: 4 })
    expect(placeNear(list, 3, 400, 20)).toEqual({ page: 3, word: 2, letter: 5 })
    expect(placeNear([], 0, 0, 0)).toBeNull()
  })

  it('covers each line with a box', () => {
    const list = words('alpha beta', 'gamma')
    const part = { from: { page: 0, word: 0, letter: 2 }, to: { page: 0, word: 2, letter: 1 } }
    expect(boxesOf(list, part)).toEqual([
      { x: 20, y: 0, width: 80, height: 10 },
      { x: 0, y: 12, width: 10, height: 10 },
    ])
  })

  it('takes whole pages between its ends, in either direction', () => {
    const range = { from: { page: 4, word: 1, letter: 1 }, to: { page: 2, word: 1, letter: 0 } }
    const list = words('one two three')
    expect(ordered(range).from.page).toBe(2)
    expect(rangeOnPage(range, 3, list)).toEqual({ from: { page: 3, word: 0, letter: 0 }, to: { page: 3, word: 2, letter: 5 } })
    expect(rangeOnPage(range, 5, list)).toBeNull()
  })
})
