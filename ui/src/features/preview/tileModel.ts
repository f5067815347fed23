// Pages that are too large to be one picture: a picture of fewer pixels, and sharp tiles over what is in sight.
import type { Tile } from '../../ipc/addresses'

/** Pixels of a picture of a whole page: 16 MB when it is decoded. */
const MOST_PIXELS = 4_200_000
/** Edge of a tile, in pixels. */
export const TILE_EDGE = 1024

/** The scale at which a page of so many pixels is one picture. */
export function pictureScaleWithin(scale: number, page: { width: number; height: number }): number {
  const pixels = page.width * page.height
  return pixels <= MOST_PIXELS ? scale : scale * Math.sqrt(MOST_PIXELS / 2 / pixels)
}

/** The tiles that touch a part of the page; all in pixels of the page. */
export function tilesIn(page: { width: number; height: number }, part: Tile): Tile[] {
  const tiles: Tile[] = []
  const first = (from: number) => Math.max(0, Math.floor(from / TILE_EDGE)) * TILE_EDGE
  const right = Math.min(page.width, part.x + part.width)
  const bottom = Math.min(page.height, part.y + part.height)
  for (let y = first(part.y); y < bottom; y += TILE_EDGE) {
    for (let x = first(part.x); x < right; x += TILE_EDGE) {
      tiles.push({ x, y, width: Math.min(TILE_EDGE, page.width - x), height: Math.min(TILE_EDGE, page.height - y) })
    }
  }
  return tiles
}
