// The parts of a path of a project.
import type { ProjectPath } from '../ipc/generated'

/** The last part. */
export function nameOf(path: ProjectPath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder that a path is in; empty for the top. */
export function folderOf(path: ProjectPath): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
