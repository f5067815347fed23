// What a key has changed on a page, put over the picture that is there: a few lines of text are here, decoded and
// painted in a part of the time that all of the page takes.
import type { Paper } from '../../ipc/addresses'
import type { PicturePatch } from '../../ipc/generated'
import { dropOnceCovered, dropPicture } from './pictures'

const baseName = (version: number, scale: number, paper: Paper) => `${version} ${scale.toFixed(4)} ${paper}`

/** Remembers of what a picture is, so that patches find it. A build's takes none. */
export function nameBase(picture: HTMLImageElement, version: number | undefined, scale: number, paper: Paper): void {
  if (version === undefined) return
  picture.dataset['live'] = baseName(version, scale, paper)
}

/** The patch that belongs on the picture in the box, when all of the page is shown as one of them has it. */
export function basedOn(box: HTMLElement, patches: readonly PicturePatch[], scale: number, paper: Paper) {
  for (const patch of patches) {
    const base = baseOf(box, patch, scale, paper)
    if (base !== null) return { base, patch }
  }
  return null
}

function baseOf(box: HTMLElement, patch: PicturePatch, scale: number, paper: Paper): HTMLImageElement | null {
  if (patch.darkPaper !== (paper === 'dark') || patch.scale.toFixed(4) !== scale.toFixed(4)) return null
  const name = baseName(patch.base, scale, paper)
  // The picture of all of the page is the first; patches lie over it.
  const [first] = box.children
  return first instanceof HTMLImageElement && first.dataset['live'] === name && first.naturalWidth > 0 ? first : null
}

/** Puts a patch over its base. The function returned keeps one that is not decoded yet from coming. */
export function putPatch(box: HTMLElement, page: number, base: HTMLImageElement, patch: PicturePatch): () => void {
  const image = new Image()
  image.alt = ''
  image.draggable = false
  image.dataset['live'] = 'patch'
  image.dataset['page'] = String(page)
  // In parts of the page: while it is zoomed it stretches with it.
  const percent = (length: number, of: number) => `${(length / of) * 100}%`
  image.style.left = percent(patch.x, base.naturalWidth)
  image.style.top = percent(patch.y, base.naturalHeight)
  image.style.width = percent(patch.width, base.naturalWidth)
  image.style.height = percent(patch.height, base.naturalHeight)
  image.src = `data:image/webp;base64,${patch.webp}`
  let isGone = false
  image.decode().then(
    () => {
      // The base may have been replaced while it was decoded.
      if (isGone || base.parentElement !== box) return dropPicture(image)
      const old = [...box.children].filter((child) => child !== base)
      box.append(image)
      dropOnceCovered(old)
    },
    () => dropPicture(image),
  )
  return () => {
    isGone = true
  }
}
