// The text of a page as transparent words over its picture: to be selected, copied and read out. Built by hand, not
// by React: a page has hundreds of words, and they never change.
import type { PageWord } from '../../ipc/generated'
import { ordered, type TextPlace, type TextRange } from './selection'

const FONT_SIZE = 10
const widths = new Map<string, number>()
let measure: CanvasRenderingContext2D | null = null

/** Width of a word at the font size, in CSS pixels. */
function widthOf(text: string): number {
  const known = widths.get(text)
  if (known !== undefined) return known
  measure ??= document.createElement('canvas').getContext('2d')
  if (measure === null) return text.length * 5
  measure.font = `${FONT_SIZE}px sans-serif`
  const width = Math.max(0.1, measure.measureText(text).width)
  if (widths.size > 20_000) widths.clear()
  widths.set(text, width)
  return width
}

/** Words in points; the layer around it scales them. */
export function buildTextLayer(words: readonly PageWord[]): HTMLElement {
  const layer = document.createElement('div')
  layer.className = 'preview-text'
  for (const { text, bounds, angle, gap } of words) {
    const word = document.createElement('span')
    word.textContent = gap === 'none' ? text : `${text} `
    const turned = Math.abs(angle) > 45
    const [along, across] = turned ? [bounds.height, bounds.width] : [bounds.width, bounds.height]
    const x = angle > 45 ? bounds.x + bounds.width : bounds.x
    const y = angle < -45 ? bounds.y + bounds.height : bounds.y
    const turn = turned ? ` rotate(${Math.round(angle)}deg)` : ''
    word.style.transform = `translate(${x}px,${y}px)${turn} scale(${(along / widthOf(text)).toFixed(4)},${(across / FONT_SIZE).toFixed(4)})`
    layer.append(word)
  }
  return layer
}

/** The layers in the document, by page. */
const layers = new Map<number, HTMLElement>()

/** A layer is in the document until the function returned is called. */
export function keepLayer(page: number, layer: HTMLElement): () => void {
  layers.set(page, layer)
  if (selected !== null) mirror()
  return () => {
    if (layers.get(page) === layer) layers.delete(page)
  }
}

let selected: TextRange | null = null

/** What is selected. */
export function selectedText(): TextRange | null {
  return selected
}

/** Selects text. */
export function selectText(range: TextRange | null): void {
  selected = range
  mirror()
}

/** Forgets what is selected, as another text of the window is. */
export function forgetSelection(): void {
  selected = null
}

/** Shows the selection, as far as its pages are in the document, as that of the document. */
function mirror(): void {
  const selection = document.getSelection()
  if (selection === null) return
  if (selected === null) {
    selection.removeAllRanges()
    return
  }
  const { from, to } = ordered(selected)
  const shown = [...layers.keys()].filter((page) => page >= from.page && page <= to.page).toSorted((a, b) => a - b)
  const [first] = shown
  const last = shown.at(-1)
  if (first === undefined || last === undefined) return
  const start = first === from.page ? nodeAt(from) : edge(first, 'start')
  const end = last === to.page ? nodeAt(to) : edge(last, 'end')
  if (start !== null && end !== null) selection.setBaseAndExtent(start.node, start.offset, end.node, end.offset)
}

function nodeAt({ page, word, letter }: TextPlace): { node: Node; offset: number } | null {
  const text = layers.get(page)?.children[word]?.firstChild
  if (text === null || text === undefined) return null
  return { node: text, offset: Math.min(letter, text.textContent?.length ?? 0) }
}

function edge(page: number, which: 'start' | 'end'): { node: Node; offset: number } | null {
  const layer = layers.get(page)
  return layer === undefined ? null : { node: layer, offset: which === 'start' ? 0 : layer.childNodes.length }
}
