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

/** A page (counted from zero) of a build, or a part of it, at `scale` pixels to a PDF point. */
export function pageAddress(project: ProjectId, build: number, page: number, scale: number, paper: Paper, tile?: Tile): string {
  const part = tile === undefined ? '' : `/${tile.x}/${tile.y}/${tile.width}/${tile.height}`
  return address(`page/${project}/${build}/${page}/${scale.toFixed(4)}/${paper}${part}`)
}

/** The first page of a project's last build, for the gallery; `version` changes when it may have changed. */
export function firstPageAddress(project: ProjectId, version: number): string {
  return address(`first/${project}?${version}`)
}

/** The first page of a template. */
export function templateAddress(template: string): string {
  return address(`template/${template}`)
}

/** A picture of a project. */
export function pictureAddress(project: ProjectId, path: ProjectPath): string {
  return address(`file/${project}/${path.split('/').map(encodeURIComponent).join('/')}`)
}
