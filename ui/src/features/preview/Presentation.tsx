// One page at a time on the whole screen.
import { useEffect, useRef, useState } from 'react'
import { pageAddress } from '../../ipc/addresses'
import type { ProjectId } from '../../ipc/generated'
import { setFullscreen } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { wantPicture } from './pictures'
import { port } from './port'
import { sourceOf, useShown } from './shownPages'
import { useView } from './view'

const NEXT = new Set(['ArrowRight', 'ArrowDown', 'PageDown', ' ', 'Enter', 'n'])
const PREVIOUS = new Set(['ArrowLeft', 'ArrowUp', 'PageUp', 'Backspace', 'p'])

export function Presentation({ project }: { project: ProjectId }) {
  const [page, setPage] = useState(() => useView.getState().page)
  const box = useRef<HTMLDivElement>(null)
  const screen = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState({ width: window.innerWidth, height: window.innerHeight })
  const pages = useShown((state) => state.pages)
  const number = useShown((state) => state.preview?.number)
  const last = pages.length - 1
  const shown = Math.min(page, last)
  const live = useShown((state) => state.live.get(shown)?.version)

  // The window fills the screen, and does not any more when this is over.
  useEffect(() => {
    void attempt(() => setFullscreen(true))
    screen.current?.focus()
    const resized = () => setSize({ width: window.innerWidth, height: window.innerHeight })
    window.addEventListener('resize', resized)
    return () => {
      window.removeEventListener('resize', resized)
      void attempt(() => setFullscreen(false))
    }
  }, [])

  // The picture, and those that come next, so that turning the page shows it at once.
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const cancels = [shown, shown + 1, shown - 1].map((wanted, order) => {
      const sheet = pages[wanted]
      if (sheet === undefined) return () => {}
      const scale = Math.min(size.width / sheet.width, size.height / sheet.height) * window.devicePixelRatio
      return wantPicture({
        address: pageAddress(project, sourceOf(wanted), wanted, scale, 'light'),
        distance: () => order - 10,
        done: (image) => {
          if (image === null || order > 0) return
          image.alt = `Page ${wanted + 1} of ${pages.length}`
          element.replaceChildren(image)
        },
      })
    })
    return () => cancels.forEach((cancel) => cancel())
  }, [project, number, live, pages, shown, size])

  const end = () => {
    useView.setState({ presenting: false })
    port.goTo({ page: shown })
    port.focus()
  }
  const turn = (by: number) => setPage(Math.max(0, Math.min(last, shown + by)))
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it is operated by keys
    <div
      ref={screen}
      role="application"
      aria-label={`Presentation, page ${shown + 1} of ${last + 1}. Arrow keys turn pages, Escape ends it.`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it is operated by keys
      tabIndex={0}
      className="preview-presentation"
      onClick={(event) => turn(event.clientX < size.width / 4 ? -1 : 1)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' || event.key === 'F5') end()
        else if (NEXT.has(event.key)) turn(1)
        else if (PREVIOUS.has(event.key)) turn(-1)
        else if (event.key === 'Home') setPage(0)
        else if (event.key === 'End') setPage(last)
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <div ref={box} className="preview-presentation-page" />
    </div>
  )
}
