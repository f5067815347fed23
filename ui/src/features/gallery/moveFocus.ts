// Arrow keys among cards, whatever their number in a row.

/** The card to go to from one, by where they stand; null when there is none that way. */
export function neighbour(boxes: readonly { left: number; top: number }[], from: number, key: string): number | null {
  const here = boxes[from]
  if (here === undefined) return null
  if (key === 'Home') return 0
  if (key === 'End') return boxes.length - 1
  if (key === 'ArrowLeft') return from > 0 ? from - 1 : null
  if (key === 'ArrowRight') return from < boxes.length - 1 ? from + 1 : null
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null
  const down = key === 'ArrowDown'
  // Each by name: a DOMRect has nothing of its own to spread.
  const rows = boxes.map(({ left, top }, index) => ({ left, top, index })).filter(({ top }) => (down ? top > here.top + 1 : top < here.top - 1))
  const nearest = down ? Math.min(...rows.map(({ top }) => top)) : Math.max(...rows.map(({ top }) => top))
  const row = rows.filter(({ top }) => Math.abs(top - nearest) <= 1)
  const [first, ...others] = row
  if (first === undefined) return null
  return others.reduce((best, box) => (Math.abs(box.left - here.left) < Math.abs(best.left - here.left) ? box : best), first).index
}

/** Moves the focus among the cards of a list; false when the key is none of ours. */
export function moveFocus(list: HTMLElement, key: string): boolean {
  const buttons = [...list.querySelectorAll<HTMLElement>('.project-open')]
  const from = buttons.indexOf(document.activeElement as HTMLElement)
  if (from < 0) return false
  const boxes = buttons.map((button) => (button.closest('li') ?? button).getBoundingClientRect())
  const to = neighbour(boxes, from, key)
  if (to === null) return false
  buttons[to]?.focus()
  buttons[to]?.scrollIntoView({ block: 'nearest' })
  return true
}
