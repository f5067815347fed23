// The canvas with the pages, of which only those in sight and around exist. Scrolling renders nothing but pages that
// come and go.
import { type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Paper } from '../../ipc/addresses'
import type { ProjectId } from '../../ipc/generated'
import { showInSource } from '../../state/project'
import { copySelection, dragSelection, selectPlace } from './dragSelection'
import { pagesChanged } from './find'
import { type LayoutOptions, layOut, type Size } from './layout'
import { Page } from './Page'
import { port, type Sight } from './port'
import { movedOnCanvas, useShown } from './shownPages'
import { forgetSelection } from './textLayer'
import { useView, zoomBy } from './view'

const GAP_REM = 0.75
/** A zoom has settled when it did not change for so long: then sharp pictures are asked for. */
const SETTLED_MS = 140

export function Pages({ project, paper }: { project: ProjectId; paper: Paper }) {
  const box = useRef<HTMLDivElement>(null)
  const [viewport, setViewport] = useState<(Size & { gap: number }) | null>(null)
  const [sight, setSight] = useState<Sight>({ first: 0, end: 0, page: 0 })
  const zoom = useView((state) => state.zoom)
  const arrangement = useView((state) => state.arrangement)
  const density = useDensity()
  const number = useShown((state) => state.preview?.number ?? 0)
  const pages = useShown((state) => state.pages)
  const moved = useShown((state) => state.moved)
  const live = useShown((state) => state.live)

  const layout = useMemo(() => {
    if (viewport === null || viewport.width === 0) return null
    const options: LayoutOptions = { viewport, zoom, arrangement, density, gap: viewport.gap }
    return layOut(pages, options)
  }, [pages, viewport, zoom, arrangement, density])
  const settled = useSettled(layout?.pictureScale ?? 0)

  // The size of the pane.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
      const [width, height] = [element.clientWidth, element.clientHeight]
      setViewport((old) => (old?.width === width && old.height === height ? old : { width, height, gap: GAP_REM * rem }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  // The scroll position.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    return port.attach(element, (seen) => {
      setSight(seen)
      if (useView.getState().page !== seen.page) useView.setState({ page: seen.page })
    })
  }, [])

  // The canvas has changed: what was in sight stays in sight.
  useLayoutEffect(() => {
    if (layout === null) return
    port.apply(layout)
    movedOnCanvas(moved)
    useView.setState({ factor: layout.scale / (96 / 72) })
  }, [layout, moved])

  // The search looks at the pages there are, once they stay for a moment.
  useEffect(() => pagesChanged(live.size > 0), [number, live])

  // Zooming with the wheel and by pinching, which must be kept from the browser; once a frame.
  useEffect(() => {
    const element = box.current
    return element === null ? undefined : listenToZoom(element)
  }, [])

  const end = Math.min(sight.end, pages.length)
  const shown = Array.from({ length: Math.max(0, end - sight.first) }, (_, offset) => sight.first + offset)
  return (
    <div
      ref={box}
      className="preview-scroll q-scroll"
      data-part-body=""
      role="document"
      aria-label="Pages"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
      tabIndex={0}
      onPointerDown={pointerDown}
      onDoubleClick={(event) => toSource(event)}
      onCopy={(event) => copySelection(event.nativeEvent, project)}
    >
      <div
        className="preview-canvas"
        style={layout === null ? {} : { width: layout.width, height: layout.height, ['--preview-scale' as string]: layout.scale }}
      >
        {layout !== null &&
          shown.map((page) => {
            const slot = layout.slots[page]
            const size = pages[page]
            return slot === undefined || size === undefined ? null : (
              <Page
                // What was read keeps its picture until that of its new page is there.
                key={page - moved}
                project={project}
                number={number}
                page={page}
                count={pages.length}
                slot={slot}
                size={size}
                pictureScale={settled}
                isSettled={settled === layout.pictureScale}
                density={density}
                paper={paper}
              />
            )
          })}
      </div>
    </div>
  )

  function pointerDown(event: PointerEvent<HTMLDivElement>) {
    if (event.button !== 0) return
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      forgetSelection()
      toSource(event)
      return
    }
    if (event.target instanceof Element && event.target.closest('.preview-link') !== null) return
    const element = box.current
    const place = selectPlace(event, project)
    if (element !== null && place !== null) dragSelection(event.nativeEvent, element, place, project)
  }
}

/** The point of a page under the pointer, in points. */
function toSource(event: { clientX: number; clientY: number; target: EventTarget; preventDefault: () => void }): void {
  const page = event.target instanceof Element ? event.target.closest<HTMLElement>('.preview-page') : null
  if (page === null) return
  const bounds = page.getBoundingClientRect()
  const scale = port.scale()
  void showInSource(Number(page.dataset['page']), (event.clientX - bounds.left) / scale, (event.clientY - bounds.top) / scale)
}

/** Pixels of the screen to a CSS pixel; changes when the window goes to another screen. */
function useDensity(): number {
  const [density, setDensity] = useState(() => window.devicePixelRatio)
  // The screen.
  useEffect(() => {
    const query = window.matchMedia(`(resolution: ${density}dppx)`)
    const changed = () => setDensity(window.devicePixelRatio)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [density])
  return density
}

/** The value, once it does not change any more; the first at once. */
function useSettled(value: number): number {
  const [settled, setSettled] = useState(value)
  // The clock.
  useEffect(() => {
    if (settled === value) return
    const timer = setTimeout(() => setSettled(value), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [value, settled])
  return settled === 0 ? value : settled
}

type Pinch = Event & { scale: number; clientX: number; clientY: number }

function listenToZoom(element: HTMLElement): () => void {
  let ratio = 1
  let at = { x: 0, y: 0 }
  let frame = 0
  let pinched = 1
  const zoom = (by: number, x: number, y: number) => {
    const bounds = element.getBoundingClientRect()
    ratio *= by
    at = { x: x - bounds.left, y: y - bounds.top }
    frame ||= requestAnimationFrame(() => {
      frame = 0
      zoomBy(ratio, at)
      ratio = 1
    })
  }
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 32 : 1
    const delta = Math.max(-120, Math.min(120, event.deltaY * lines))
    zoom(Math.exp(-delta * 0.0018), event.clientX, event.clientY)
  }
  // WebKit on macOS tells pinching by events of its own.
  const begin = (event: Event) => {
    event.preventDefault()
    pinched = 1
  }
  const pinch = (event: Event) => {
    event.preventDefault()
    const { scale, clientX, clientY } = event as Pinch
    zoom(scale / pinched, clientX, clientY)
    pinched = scale
  }
  element.addEventListener('wheel', wheel, { passive: false })
  element.addEventListener('gesturestart', begin)
  element.addEventListener('gesturechange', pinch)
  return () => {
    cancelAnimationFrame(frame)
    element.removeEventListener('wheel', wheel)
    element.removeEventListener('gesturestart', begin)
    element.removeEventListener('gesturechange', pinch)
  }
}
