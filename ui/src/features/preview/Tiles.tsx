// Sharp tiles over a large page, for what is in sight of it.
import { useEffect, useRef } from 'react'
import { pageAddress, type Paper } from '../../ipc/addresses'
import type { ProjectId } from '../../ipc/generated'
import type { Slot } from './layout'
import { dropPicture, wantPicture } from './pictures'
import { port } from './port'
import { tilesIn } from './tileModel'

export function Tiles({
  project,
  number,
  live,
  page,
  slot,
  scale,
  isSettled,
  density,
  paper,
}: {
  project: ProjectId
  number: number
  /** The page as it became while the author typed. */
  live: number | undefined
  page: number
  slot: Slot
  scale: number
  /** While one zooms the tiles that are there stretch, and none are asked for. */
  isSettled: boolean
  density: number
  paper: Paper
}) {
  const box = useRef<HTMLDivElement>(null)
  const { width, height } = slot

  // The tiles follow the scroll position, without React. Those of the pages before are removed when the new are there.
  useEffect(() => {
    const element = box.current
    if (element === null || !isSettled) return
    const shown = new Map<string, { cancel: () => void; image: HTMLImageElement | null }>()
    const stale = new Set(element.children)
    const pixels = { width: Math.round(width * density), height: Math.round(height * density) }
    const follow = () => {
      const part = port.partInSight(page, density)
      const wanted = part === null ? [] : tilesIn(pixels, part)
      const names = new Set(wanted.map(({ x, y }) => `${x} ${y}`))
      for (const [name, tile] of shown) {
        if (names.has(name)) continue
        tile.cancel()
        if (tile.image !== null) dropPicture(tile.image)
        shown.delete(name)
      }
      for (const tile of wanted) {
        const name = `${tile.x} ${tile.y}`
        if (shown.has(name)) continue
        const entry: { cancel: () => void; image: HTMLImageElement | null } = { cancel: () => {}, image: null }
        shown.set(name, entry)
        entry.cancel = wantPicture({
          address: pageAddress(project, live === undefined ? { build: number } : { live }, page, scale, paper, tile),
          distance: () => port.distance(page, (tile.y + tile.height / 2) / density),
          done: (image) => {
            if (image === null) return
            // In parts of the page: while it is zoomed the tiles of the old size stretch with it.
            const across = { left: tile.x, width: tile.width }
            const down = { top: tile.y, height: tile.height }
            for (const [side, at] of Object.entries(across)) image.style.setProperty(side, `${(at / pixels.width) * 100}%`)
            for (const [side, at] of Object.entries(down)) image.style.setProperty(side, `${(at / pixels.height) * 100}%`)
            entry.image = image
            element.append(image)
            if ([...shown.values()].every((other) => other.image !== null)) {
              for (const old of stale) dropPicture(old)
              stale.clear()
            }
          },
        })
      }
    }
    follow()
    const stop = port.onMove(follow)
    return () => {
      stop()
      for (const tile of shown.values()) tile.cancel()
    }
  }, [project, number, live, page, width, height, scale, isSettled, density, paper])

  // The pixels, which go with the page.
  useEffect(() => {
    const element = box.current
    return () => [...(element?.children ?? [])].forEach(dropPicture)
  }, [])

  return <div ref={box} className="preview-tiles" />
}
