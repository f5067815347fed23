// The part of the canvas that is in sight: the one owner of the scroll position. It holds on to a place of a page,
// not to a number of pixels, so that pages may come, go and grow without anything in sight moving.
import { type Anchor, anchorAt, type Layout, pageInSight, pagesBetween, scrollFor } from './layout'

/** What of the pages should exist, and which is read. */
export type Sight = { first: number; end: number; page: number }

type Point = { x: number; y: number }

/** Pages that did not move for so long are looked at. */
const STILL_MS = 160

const prefersStillness = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches

class PagePort {
  #element: HTMLElement | null = null
  #layout: Layout | null = null
  #anchor: Anchor | null = null
  /** What we scrolled to: the event that follows tells nothing new. */
  #expected: { left: number; top: number } | null = null
  #sight: Sight = { first: 0, end: 0, page: 0 }
  #onSight: (sight: Sight) => void = () => {}
  readonly #movers = new Set<() => void>()
  #isTelling = false
  #movedAt = 0
  #isAtTop = true

  /** The element that scrolls, for as long as it exists. */
  attach(element: HTMLElement, onSight: (sight: Sight) => void): () => void {
    this.#element = element
    this.#onSight = onSight
    const scrolled = () => this.#scrolled()
    element.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      element.removeEventListener('scroll', scrolled)
      if (this.#element === element) this.#element = null
    }
  }

  /** Pages stand elsewhere now: scroll so that what is held stays where it is. */
  apply(layout: Layout): void {
    this.#layout = layout
    const element = this.#element
    if (element === null || layout.slots.length === 0) return
    const middle = Math.max(0, (layout.width - element.clientWidth) / 2)
    const wanted = this.#anchor === null ? { left: middle, top: 0 } : scrollFor(layout, this.#anchor)
    if (this.#isAtTop) wanted.top = 0
    element.scrollTo({ ...wanted, behavior: 'instant' })
    this.#expected = { left: element.scrollLeft, top: element.scrollTop }
    this.#look()
  }

  /** Hold on to what is at this point of the viewport; without one, to what is at its upper edge in the middle. */
  hold(at?: Point): void {
    const element = this.#element
    if (element === null || this.#layout === null) return
    // The room above the first page is not part of it.
    this.#isAtTop = at === undefined && element.scrollTop < 1
    const point = at ?? { x: element.clientWidth / 2, y: 0 }
    this.#anchor = anchorAt(this.#layout, { left: element.scrollLeft, top: element.scrollTop }, point)
  }

  /** The page that is read, and where on it the upper edge of the window is, in points; null: it is the beginning. */
  reading(): { page: number; y: number } | null {
    const element = this.#element
    const slot = this.#layout?.slots[this.#sight.page]
    if (element === null || this.#layout === null || slot === undefined || this.#isAtTop) return null
    return { page: this.#sight.page, y: (element.scrollTop - slot.y) / this.#layout.scale }
  }

  /** Hold on to what is read, though in the pages that come it is elsewhere. */
  holdMoved({ pages, down }: { pages: number; down: number }): void {
    const place = this.reading()
    if (place === null || pages === 0) return
    this.hold()
    if (this.#anchor !== null) this.#anchor = { ...this.#anchor, page: place.page + pages, y: place.y + down }
  }

  /** Another document. */
  reset(): void {
    this.#anchor = null
    this.#layout = null
    this.#expected = null
    this.#isAtTop = true
    this.#sight = { first: 0, end: 0, page: 0 }
  }

  #scrolled(): void {
    const element = this.#element
    if (element === null) return
    const { scrollLeft: left, scrollTop: top } = element
    const isOurs = this.#expected !== null && Math.abs(this.#expected.left - left) < 1 && Math.abs(this.#expected.top - top) < 1
    if (isOurs) return
    this.#expected = null
    this.#movedAt = performance.now()
    this.hold()
    this.#look()
  }

  #look(): void {
    const element = this.#element
    const layout = this.#layout
    if (element === null || layout === null) return
    this.#tellMovers()
    const { scrollTop: top, clientHeight: height } = element
    // One screen around what is in sight is there before it is needed.
    const [first, end] = pagesBetween(layout, top - height, 3 * height)
    const page = pageInSight(layout, top, height)
    const old = this.#sight
    if (first === old.first && end === old.end && page === old.page) return
    this.#sight = { first, end, page }
    this.#onSight(this.#sight)
  }

  /** How far a page is from the middle of what is in sight, in CSS pixels; `y` from its upper edge. */
  distance(page: number, y?: number): number {
    const element = this.#element
    const slot = this.#layout?.slots[page]
    if (element === null || slot === undefined) return Number.MAX_SAFE_INTEGER
    const at = slot.y + (y ?? slot.height / 2)
    return Math.abs(at - element.scrollTop - element.clientHeight / 2)
  }

  /** What is in sight of a page and a little around it, in pixels of its picture. */
  partInSight(page: number, density: number): { x: number; y: number; width: number; height: number } | null {
    const element = this.#element
    const slot = this.#layout?.slots[page]
    if (element === null || slot === undefined || !this.shows(page)) return null
    const around = 128
    return {
      x: (element.scrollLeft - slot.x - around) * density,
      y: (element.scrollTop - slot.y - around) * density,
      width: (element.clientWidth + 2 * around) * density,
      height: (element.clientHeight + 2 * around) * density,
    }
  }

  /** Calls `moved` when something else is in sight, once a frame at most, until the function returned is called. */
  onMove(moved: () => void): () => void {
    this.#movers.add(moved)
    return () => this.#movers.delete(moved)
  }

  #tellMovers(): void {
    if (this.#movers.size === 0 || this.#isTelling) return
    this.#isTelling = true
    requestAnimationFrame(() => {
      this.#isTelling = false
      for (const moved of this.#movers) moved()
    })
  }

  /** Calls `run` once the pages have stood still for a moment; the function returned cancels. */
  whenStill(run: () => void): () => void {
    let timer: ReturnType<typeof setTimeout>
    const wait = () => {
      const left = this.#movedAt + STILL_MS - performance.now()
      timer = setTimeout(() => (this.#movedAt + STILL_MS <= performance.now() ? run() : wait()), Math.max(STILL_MS / 2, left))
    }
    wait()
    return () => clearTimeout(timer)
  }

  /** Whether anything of a page is in sight. */
  shows(page: number): boolean {
    const element = this.#element
    const slot = this.#layout?.slots[page]
    if (element === null || slot === undefined) return false
    return slot.y < element.scrollTop + element.clientHeight && slot.y + slot.height > element.scrollTop
  }

  /** Where one is. */
  place(): { page: number; x: number; y: number } {
    const element = this.#element
    if (element === null || this.#layout === null) return { page: 0, x: 0, y: 0 }
    const scroll = { left: element.scrollLeft, top: element.scrollTop }
    const { page, x, y } = anchorAt(this.#layout, scroll, { x: 0, y: 0 })
    return { page, x, y }
  }

  /** Scrolls a place to the upper edge. */
  goTo({ page, y }: { page: number; x?: number | null; y?: number | null }): void {
    const slot = this.#layout?.slots[page]
    if (this.#element === null || this.#layout === null || slot === undefined) return
    const air = 12
    this.#scroll(slot.y + (y ?? 0) * this.#layout.scale - air)
  }

  /** Scrolls a part of a page, in points, into sight; not at all when it is there. */
  reveal(page: number, area: { x: number; y: number; width: number; height: number }): void {
    const element = this.#element
    const layout = this.#layout
    const slot = layout?.slots[page]
    if (element === null || layout === null || layout === undefined || slot === undefined) return
    const top = slot.y + area.y * layout.scale
    const bottom = top + area.height * layout.scale
    const left = slot.x + area.x * layout.scale
    const margin = Math.min(48, element.clientHeight / 6)
    const isBeside = left >= element.scrollLeft && left < element.scrollLeft + element.clientWidth
    const isIn = top >= element.scrollTop + margin && bottom <= element.scrollTop + element.clientHeight - margin
    if (isIn && isBeside) return
    this.#scroll(isIn ? element.scrollTop : top - element.clientHeight / 3, isBeside ? undefined : left - margin)
  }

  /** To the next row of pages, or the one before. */
  turn(direction: 1 | -1): void {
    const element = this.#element
    const layout = this.#layout
    if (element === null || layout === null) return
    const now = layout.rows.findIndex((row) => row.first <= this.#sight.page && this.#sight.page < row.end)
    const row = layout.rows[now + direction]
    if (row !== undefined) this.goTo({ page: row.first })
  }

  #scroll(top: number, left?: number): void {
    const element = this.#element
    if (element === null) return
    // A long way is not travelled: nobody reads what flies past, and all of it would be rendered.
    const isFar = Math.abs(top - element.scrollTop) > 3 * element.clientHeight
    const behavior = isFar || prefersStillness() ? 'instant' : 'smooth'
    element.scrollTo({ top: Math.max(0, top), ...(left === undefined ? {} : { left }), behavior })
  }

  focus(): void {
    this.#element?.focus({ preventScroll: true })
  }

  /** CSS pixels to a point. */
  scale(): number {
    return this.#layout?.scale ?? 1
  }
}

/** Of this window. */
export const port = new PagePort()
