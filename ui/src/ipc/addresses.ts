// Addresses of pictures, for <img>: the application serves them past the command channel.
import { convertFileSrc } from '@tauri-apps/api/core'
import type { ProjectId, ProjectPath } from './generated'

function address(path: string): string {
  return convertFileSrc('', 'page') + path
}

/** A part of a page, in pixels of its picture. */
export type Tile = { x: number; y: number; width: number; height: number }

/** Light pages, or light text on dark ones. */
export type Paper = 'light' | 'dark'

/** Whose page: a build's, or a version of what has become of it while the author types. */
export type Pages = { build: number } | { live: number }

/** A page (counted from zero), or a part of it, at `scale` pixels to a PDF point. */
export function pageAddress(project: ProjectId, pages: Pages, page: number, scale: number, paper: Paper, tile?: Tile): string {
  const part = tile === undefined ? '' : `/${tile.x}/${tile.y}/${tile.width}/${tile.height}`
  return address(`${whose(project, pages, 'live')}/${page}/${scale.toFixed(4)}/${paper}${part}`)
}

/** The same for a window that does not need the next version of a live page at once. */
export function glanceAddress(project: ProjectId, pages: Pages, page: number, scale: number, paper: Paper): string {
  return address(`${whose(project, pages, 'glance')}/${page}/${scale.toFixed(4)}/${paper}`)
}

function whose(project: ProjectId, pages: Pages, how: 'live' | 'glance'): string {
  return 'live' in pages ? `${how}/${project}/${pages.live}` : `page/${project}/${pages.build}`
}

/** The first page of a project's last build, for the gallery; `version` changes when it may have changed. */
export function firstPageAddress(project: ProjectId, version: number): string {
  return address(`first/${project}?${version}`)
}

/** The first page of a template. */
export function templateAddress(template: string): string {
  return address(`template/${template}`)
}

/** A picture of a project; `contents` is another word when it was replaced. */
export function pictureAddress(project: ProjectId, path: ProjectPath, contents: string | null): string {
  const version = contents === null ? '' : `?${contents}`
  return address(`file/${project}/${path.split('/').map(encodeURIComponent).join('/')}${version}`)
}
