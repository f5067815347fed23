// How this window looks at the pages: zoom, arrangement, what stands beside them, where one has been.
import { create } from 'zustand'
import { port } from './port'
import { type Arrangement, limitZoom, type Zoom, zoomStep } from './layout'

/** A place to go to, in points; without `y` the page's upper edge. */
export type Destination = { page: number; x?: number | null; y?: number | null }

type State = {
  zoom: Zoom
  arrangement: Arrangement
  panel: 'none' | 'thumbnails' | 'outline'
  presenting: boolean
  /** The page that is read, counted from zero. */
  page: number
  /** The zoom that is shown, 1 = 100 %. */
  factor: number
  back: readonly Destination[]
  forward: readonly Destination[]
}

export const useView = create<State>(() => ({
  zoom: { type: 'width' },
  arrangement: 'single',
  panel: 'none',
  presenting: false,
  page: 0,
  factor: 1,
  back: [],
  forward: [],
}))

/** Another project: from its beginning. */
export function forgetView(): void {
  useView.setState({ page: 0, back: [], forward: [], presenting: false })
  port.reset()
}

/** Zooms; what is at `at` in the viewport (its middle without one) stays there. */
export function setZoom(zoom: Zoom, at?: { x: number; y: number }): void {
  port.hold(at)
  useView.setState({ zoom })
}

export function zoomBy(ratio: number, at?: { x: number; y: number }): void {
  setZoom({ type: 'factor', factor: limitZoom(useView.getState().factor * ratio) }, at)
}

export function zoomInOut(direction: 1 | -1): void {
  setZoom({ type: 'factor', factor: zoomStep(useView.getState().factor, direction) })
}

export function arrange(arrangement: Arrangement): void {
  port.hold()
  useView.setState({ arrangement })
}

export function togglePanel(panel: 'thumbnails' | 'outline'): void {
  useView.setState((state) => ({ panel: state.panel === panel ? 'none' : panel }))
}

const MOST_STEPS = 100

/** Goes to a place, and remembers where one was. */
export function visit(place: Destination): void {
  const from = port.place()
  useView.setState(({ back }) => ({ back: [...back, from].slice(-MOST_STEPS), forward: [] }))
  port.goTo(place)
}

export function goBack(): void {
  const { back, forward } = useView.getState()
  const place = back.at(-1)
  if (place === undefined) return
  useView.setState({ back: back.slice(0, -1), forward: [...forward, port.place()] })
  port.goTo(place)
}

export function goForward(): void {
  const { back, forward } = useView.getState()
  const place = forward.at(-1)
  if (place === undefined) return
  useView.setState({ back: [...back, port.place()], forward: forward.slice(0, -1) })
  port.goTo(place)
}

/** To the page before or behind, in an arrangement of two by two. */
export function turnPage(direction: 1 | -1): void {
  port.turn(direction)
}
