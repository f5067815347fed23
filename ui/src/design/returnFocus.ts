// Where the focus goes when something over the window closes: back to where it was. Radix leaves it nowhere when
// nothing in the page opened the dialog, and then the next keystroke is lost.

/** What takes the focus only for a while. */
const PASSING = '[role="dialog"], [role="alertdialog"], [role="menu"], .q-toasts'

let last: WeakRef<HTMLElement> | null = null
let otherwise: () => void = () => undefined

document.addEventListener(
  'focusin',
  ({ target }) => {
    if (target instanceof HTMLElement && target !== document.body && target.closest(PASSING) === null) last = new WeakRef(target)
  },
  true,
)

/** What takes the focus when the element that had it is gone. */
export function focusOtherwise(focus: () => void): void {
  otherwise = focus
}

/** For `onCloseAutoFocus`. */
export function returnFocus(event: Event): void {
  event.preventDefault()
  const now = document.activeElement
  // Somebody has taken it already.
  if (now !== null && now !== document.body && now.isConnected) return
  const before = last?.deref()
  if (before?.isConnected === true) before.focus()
  if (document.activeElement === document.body) otherwise()
}
