// The text of a page as words over its picture: read out, copied, and the selection of the document. Nobody sees it:
// it is never painted, and what is selected is drawn by `Selected`. Built by hand, not by React: a page has hundreds
// of words, and they never change.
import { create } from 'zustand'
import type { PageWord } from '../../ipc/generated'
import { ordered, type TextPlace, type TextRange } from './selection'

/** Words in points; the layer around it scales them. No word is transformed: each would be a layer of its own. */
export function buildTextLayer(words: readonly PageWord[]): HTMLElement {
  const layer = document.createElement('div')
  layer.className = 'preview-text'
  for (const { text, bounds, gap } of words) {
    const word = document.createElement('span')
    word.textContent = gap === 'none' ? text : `${text} `
    const { x, y, width, height } = bounds
    word.style.cssText = `left:${x}px;top:${y}px;width:${width}px;height:${height}px;font-size:${height}px`
    layer.append(word)
  }
  return layer
}

/** The layers in the document, by page, and their words. */
const layers = new Map<number, { layer: HTMLElement; words: readonly PageWord[] }>()

/** A layer is in the document until the function returned is called. */
export function keepLayer(page: number, layer: HTMLElement, words: readonly PageWord[]): () => void {
  layers.set(page, { layer, words })
  if (selectedText() !== null) mirror()
  return () => {
    if (layers.get(page)?.layer === layer) layers.delete(page)
  }
}

/** The words of a page that is in the document. */
export function wordsOfLayer(page: number): readonly PageWord[] | null {
  return layers.get(page)?.words ?? null
}

/** What is selected. */
export const useSelection = create<{ range: TextRange | null }>(() => ({ range: null }))

export function selectedText(): TextRange | null {
  return useSelection.getState().range
}

/** Selects text. */
export function selectText(range: TextRange | null): void {
  useSelection.setState({ range })
  mirror()
}

/** Forgets what is selected, as another text of the window is. */
export function forgetSelection(): void {
  useSelection.setState({ range: null })
}

/** Shows the selection, as far as its pages are in the document, as that of the document. */
function mirror(): void {
  const selection = document.getSelection()
  const selected = selectedText()
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
  const text = layers.get(page)?.layer.children[word]?.firstChild
  if (text === null || text === undefined) return null
  return { node: text, offset: Math.min(letter, text.textContent?.length ?? 0) }
}

function edge(page: number, which: 'start' | 'end'): { node: Node; offset: number } | null {
  const layer = layers.get(page)?.layer
  return layer === undefined ? null : { node: layer, offset: which === 'start' ? 0 : layer.childNodes.length }
}
