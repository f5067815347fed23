// The parts of the window, from left to right: the editor keeps the Tab key for itself, so another key leads out of it.
// A part is marked by `data-part`, and what one wants of it by `data-part-body`; the editors are known by their classes.

const PARTS = '[data-part], .editor-area'
const BODIES = '[data-part-body], .quire-editor'

/** What one comes for: a text, a field, an entry of a tree. */
const WANTED = 'textarea, .native-edit-context, input:not([type="radio"]), [tabindex="0"]:not(button, [role="separator"])'
/** What else takes the keyboard. */
const FOCUSABLE = 'textarea, .native-edit-context, input:not([type="radio"]), [tabindex="0"], button:not(:disabled, [tabindex="-1"]), input:checked'

/** Where the keyboard was in each part. */
const places = new WeakMap<Element, HTMLElement>()

/** Moves the keyboard to the part behind (1) or before (-1) the one it is in. */
export function moveToPart(step: 1 | -1): void {
  const parts = [...document.querySelectorAll(PARTS)].filter((part) => part.closest('[inert]') === null)
  const from = document.activeElement
  const now = parts.findIndex((part) => part.contains(from))
  const here = parts[now]
  if (here !== undefined && from instanceof HTMLElement) places.set(here, from)
  for (let tried = 1; tried <= parts.length; tried += 1) {
    const at = now === -1 && step === -1 ? parts.length : now
    const part = parts[(at + step * tried + parts.length) % parts.length]
    if (part !== undefined && enter(part)) return
  }
}

/** To where the keyboard was in it, else to the first place of its body. */
function enter(part: Element): boolean {
  const before = places.get(part)
  const body = part.querySelector(BODIES)
  const all = [WANTED, FOCUSABLE].flatMap((selector) => [...part.querySelectorAll<HTMLElement>(selector)])
  const candidates = [before, ...all.filter((element) => body?.contains(element)), ...all]
  return candidates.some((element) => {
    if (element === undefined || !part.contains(element)) return false
    element.focus()
    return document.activeElement === element
  })
}
