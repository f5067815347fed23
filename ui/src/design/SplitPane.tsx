// Two panes and a bar between them. While the bar is dragged only the layout changes; React hears the end.
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react'
import './panes.css'

/** `row`: beside each other. `fraction` is the first pane's share of the room, 0 to 1. Enter or a double click on
    the bar collapses the pane named by `collapsible`; arrow keys move the bar (with Shift further), Home and End
    to its limits. `minRem` is the least size of each pane. */
export function SplitPane({
  direction,
  label,
  fraction,
  onFractionChange,
  first,
  second,
  minRem = [10, 10],
  collapsible,
  collapsed = false,
  onCollapsedChange,
}: {
  direction: 'row' | 'column'
  /** The bar's name: what it resizes. */
  label: string
  fraction: number
  /** After each drag or key, to be kept. */
  onFractionChange: (fraction: number) => void
  first: ReactNode
  second: ReactNode
  minRem?: readonly [number, number] | undefined
  collapsible?: 'first' | 'second' | undefined
  collapsed?: boolean | undefined
  onCollapsedChange?: ((collapsed: boolean) => void) | undefined
}) {
  const box = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLDivElement>(null)

  const limit = (wanted: number): number => {
    const size = box.current === null ? 0 : direction === 'row' ? box.current.clientWidth : box.current.clientHeight
    if (size === 0) return wanted
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    const least = Math.min(0.5, (minRem[0] * rem) / size)
    const most = Math.max(0.5, 1 - (minRem[1] * rem) / size)
    return Math.min(most, Math.max(least, wanted))
  }
  const show = (value: number) => {
    box.current?.style.setProperty('--q-split', String(value))
    bar.current?.setAttribute('aria-valuenow', String(Math.round(value * 100)))
  }
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || box.current === null) return
    event.preventDefault()
    const bounds = box.current.getBoundingClientRect()
    const handle = event.currentTarget
    handle.setPointerCapture(event.pointerId)
    box.current.dataset['dragging'] = ''
    let latest = fraction
    const move = (moved: globalThis.PointerEvent) => {
      const share = direction === 'row' ? (moved.clientX - bounds.left) / bounds.width : (moved.clientY - bounds.top) / bounds.height
      latest = limit(share)
      show(latest)
    }
    const end = () => {
      handle.removeEventListener('pointermove', move)
      delete box.current?.dataset['dragging']
      if (latest !== fraction) onFractionChange(latest)
    }
    handle.addEventListener('pointermove', move)
    handle.addEventListener('lostpointercapture', end, { once: true })
  }
  const toggle = () => (collapsible === undefined ? undefined : onCollapsedChange?.(!collapsed))
  const keyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 0.1 : 0.02
    const [less, more] = direction === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    if (event.key === less) onFractionChange(limit(fraction - step))
    else if (event.key === more) onFractionChange(limit(fraction + step))
    else if (event.key === 'Home') onFractionChange(limit(0))
    else if (event.key === 'End') onFractionChange(limit(1))
    else if (event.key === 'Enter') toggle()
    else return
    event.preventDefault()
  }

  return (
    <div
      ref={box}
      className="q-split"
      data-direction={direction}
      data-collapsed={collapsed ? collapsible : undefined}
      style={{ ['--q-split' as string]: fraction }}
    >
      <div className="q-split-first" inert={collapsed && collapsible === 'first'}>
        {first}
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- a separator with a value is a control (ARIA 1.2) */}
      <div
        ref={bar}
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={direction === 'row' ? 'vertical' : 'horizontal'}
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
        className="q-split-bar"
        onPointerDown={drag}
        onDoubleClick={toggle}
        onKeyDown={keyDown}
      />
      <div className="q-split-second" inert={collapsed && collapsible === 'second'}>
        {second}
      </div>
    </div>
  )
}
