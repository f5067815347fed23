// A list of rows of one height of which only those in sight exist: two thousand files cost as much as twenty.
import { type ReactNode, type Ref, type UIEventHandler, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react'
import './panes.css'

/** Rows drawn above and below those in sight, so that scrolling does not show gaps. */
const MARGIN_ROWS = 8

/** The rows in sight, for scroll position and height in pixels: `[start, end)`. */
export function rowsInSight(scrollTop: number, height: number, rowHeight: number, count: number): readonly [number, number] {
  const start = Math.max(0, Math.floor(scrollTop / rowHeight) - MARGIN_ROWS)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + MARGIN_ROWS)
  return [Math.min(start, end), end]
}

/** What an owner can ask of a list. */
export type VirtualListHandle = { scrollToRow: (index: number) => void }

/** Renders `count` rows of `rowRem` height each. `renderRow` gives the row's content; the list places it. */
export function VirtualList({
  count,
  rowRem = 1.625,
  renderRow,
  keyOf,
  ref,
  className,
  onScroll,
}: {
  count: number
  rowRem?: number | undefined
  renderRow: (index: number) => ReactNode
  keyOf: (index: number) => string | number
  ref?: Ref<VirtualListHandle> | undefined
  className?: string | undefined
  onScroll?: UIEventHandler | undefined
}) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 640, rowHeight: rowRem * 16 })

  // The layout: how much is in sight, and how large a rem is now.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
      setView({ top: element.scrollTop, height: element.clientHeight || 640, rowHeight: rowRem * rem })
    }
    measure()
    if (typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [rowRem])

  // The browser clamps the scroll position of a list that became shorter; read it again.
  useEffect(() => {
    const top = box.current?.scrollTop ?? 0
    setView((old) => (old.top === top ? old : { ...old, top }))
  }, [count])

  useImperativeHandle(ref, () => ({
    scrollToRow: (index) => {
      const element = box.current
      if (element === null) return
      const top = index * view.rowHeight
      if (top < element.scrollTop) element.scrollTop = top
      else if (top + view.rowHeight > element.scrollTop + view.height) element.scrollTop = top + view.rowHeight - view.height
    },
  }))

  const [start, end] = rowsInSight(view.top, view.height, view.rowHeight, count)
  const rows = Array.from({ length: end - start }, (_, offset) => start + offset)
  return (
    <div
      ref={box}
      role="presentation"
      className={`q-virtual q-scroll ${className ?? ''}`}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        setView((old) => (old.top === scrollTop ? old : { ...old, top: scrollTop }))
        onScroll?.(event)
      }}
    >
      <div role="presentation" style={{ height: `${count * rowRem}rem`, position: 'relative' }}>
        {rows.map((index) => (
          <div key={keyOf(index)} role="presentation" className="q-virtual-row" style={{ top: `${index * rowRem}rem`, height: `${rowRem}rem` }}>
            {renderRow(index)}
          </div>
        ))}
      </div>
    </div>
  )
}
