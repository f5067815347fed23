// Addresses of pictures, for <img>: the application serves them past the command channel.
import { convertFileSrc } from '@tauri-apps/api/core'
import type { ProjectId, ProjectPath } from './generated'

function address(path: string): string {
  return convertFileSrc('', 'page') + path
}

/** A page (counted from zero) of a build, at `scale` pixels to a PDF point. */
export function pageAddress(project: ProjectId, build: number, page: number, scale: number): string {
  return address(`page/${project}/${build}/${page}/${scale.toFixed(4)}`)
}

/** The first page of a project's last build, for the gallery; `version` changes when it may have changed. */
export function firstPageAddress(project: ProjectId, version: number): string {
  return address(`first/${project}?${version}`)
}

/** A picture of a project. */
export function pictureAddress(project: ProjectId, path: ProjectPath): string {
  return address(`file/${project}/${path.split('/').map(encodeURIComponent).join('/')}`)
}
