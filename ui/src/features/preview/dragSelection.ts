// Selecting with the pointer: from the letter nearest to where it went down to the one nearest to where it is, by
// the words' places, since transparent words lie apart and a browser would jump between them.
import type { PageWord, ProjectId } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { pageContents, wordsAtHand } from './contents'
import { port } from './port'
import { ordered, placeNear, rangeOnPage, type TextPlace, type TextRange, textOf } from './selection'
import { sourceOf } from './shownPages'
import { selectedText, selectText, wordsOfLayer } from './textLayer'

type Spot = { clientX: number; clientY: number; target: EventTarget | null }

/** The words of a page: those that can be selected on it, else those that were read of it. */
function wordsOf(project: ProjectId, page: number): readonly PageWord[] | null {
  return wordsOfLayer(page) ?? wordsAtHand(project, sourceOf(page), page)
}

/** The place in the text under the pointer. */
export function selectPlace({ clientX, clientY, target }: Spot, project: ProjectId): TextPlace | null {
  const element = target instanceof Element ? target.closest<HTMLElement>('.preview-page') : null
  if (element === null) return null
  const bounds = element.getBoundingClientRect()
  const page = Number(element.dataset['page'])
  const scale = port.scale()
  return placeNear(wordsOf(project, page) ?? [], page, (clientX - bounds.left) / scale, (clientY - bounds.top) / scale)
}

/** Follows the pointer until it is released. */
export function dragSelection(down: PointerEvent, box: HTMLElement, from: TextPlace, project: ProjectId): void {
  // The browser's own selection would follow the transparent words.
  down.preventDefault()
  port.focus()
  const old = selectedText()
  const anchor = down.shiftKey && old !== null ? old.from : from
  if (down.shiftKey && old !== null) selectText({ from: anchor, to: from })
  else selectText(null)
  let latest: { clientX: number; clientY: number } = down
  let scrolling = 0
  const follow = () => {
    const target = document.elementFromPoint(latest.clientX, latest.clientY)
    const to = selectPlace({ ...latest, target }, project)
    if (to !== null) selectText({ from: anchor, to })
  }
  const drift = () => {
    const bounds = box.getBoundingClientRect()
    const above = bounds.top + 16 - latest.clientY
    const below = latest.clientY - bounds.bottom + 16
    const speed = below > 0 ? below : above > 0 ? -above : 0
    if (speed !== 0) {
      box.scrollTop += Math.max(-40, Math.min(40, speed))
      follow()
    }
    scrolling = requestAnimationFrame(drift)
  }
  const moved = (event: PointerEvent) => {
    if (scrolling === 0) {
      if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 3) return
      scrolling = requestAnimationFrame(drift)
    }
    latest = event
    follow()
  }
  const end = () => {
    cancelAnimationFrame(scrolling)
    window.removeEventListener('pointermove', moved)
    window.removeEventListener('pointerup', end)
    window.removeEventListener('pointercancel', end)
  }
  window.addEventListener('pointermove', moved)
  window.addEventListener('pointerup', end)
  window.addEventListener('pointercancel', end)
}

/** Puts what is selected on the clipboard as running text. */
export function copySelection(event: ClipboardEvent, project: ProjectId): void {
  const range = selectedText()
  if (range === null) return
  event.preventDefault()
  const { from, to } = ordered(range)
  const pages = Array.from({ length: to.page - from.page + 1 }, (_, offset) => from.page + offset)
  const joined = (words: readonly (readonly PageWord[])[]) =>
    pages.map((page, index) => textOfPage(range, page, words[index] ?? [])).join('\n')
  const known = pages.map((page) => wordsOf(project, page)).filter((words) => words !== null)
  if (known.length === pages.length) {
    event.clipboardData?.setData('text/plain', joined(known))
    return
  }
  // Pages that nobody looked at are read first. The clipboard must be asked for at once, while the key is pressed: it
  // waits for the text.
  const read = Promise.all(pages.map((page) => pageContents(project, sourceOf(page), page)))
  const text = read.then((all) => new Blob([joined(all.map(({ words }) => words))], { type: 'text/plain' }))
  void attempt(() => navigator.clipboard.write([new ClipboardItem({ 'text/plain': text })]), 'The text cannot be copied.')
}

function textOfPage(range: TextRange, page: number, words: readonly PageWord[]): string {
  const part = rangeOnPage(range, page, words)
  return part === null ? '' : textOf(words, part)
}

/** Selects the text of all pages. */
export function selectAll(pages: number): void {
  if (pages === 0) return
  const last = { page: pages - 1, word: Number.MAX_SAFE_INTEGER, letter: Number.MAX_SAFE_INTEGER }
  selectText({ from: { page: 0, word: 0, letter: 0 }, to: last })
}

