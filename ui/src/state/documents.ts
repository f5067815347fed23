// The documents that are open in this window, by path. A document stays open until its project is left: its undo
// history and its place in the editor live as long.
import { DocumentPeer } from '../ipc/documents'
import type { ProjectId, ProjectPath } from '../ipc/generated'
import { tellError } from './attempt'

const open = new Map<ProjectPath, DocumentPeer>()

/** The document of a file; opened when it is not. */
export function documentOf(project: ProjectId, path: ProjectPath): DocumentPeer {
  const found = open.get(path)
  if (found !== undefined) return found
  const peer = new DocumentPeer({ project, path }, (error) => tellError(error, `${path} may not be saved.`))
  open.set(path, peer)
  return peer
}

type Moved = (from: ProjectPath, to: ProjectPath) => void
const movers = new Set<Moved>()

/** Calls `moved` when a file has another path, until the function returned is called. */
export function onDocumentMoved(moved: Moved): () => void {
  movers.add(moved)
  return () => movers.delete(moved)
}

/** A file has another path; it is the same document. */
export function documentMoved(from: ProjectPath, to: ProjectPath): void {
  for (const moved of movers) moved(from, to)
  const peer = open.get(from)
  if (peer === undefined) return
  open.delete(from)
  open.set(to, peer)
}

/** A file is gone. */
export function forgetDocument(path: ProjectPath): void {
  const peer = open.get(path)
  open.delete(path)
  void peer?.close()
}

/** Resolves when the texts of all open documents are there, or cannot be had. */
export async function documentsReady(): Promise<void> {
  await Promise.allSettled([...open.values()].map((peer) => peer.ready))
}

const others = new Set<DocumentPeer>()

/** A document that is no file is flushed with the texts, until the function returned is called. */
export function flushToo(peer: DocumentPeer): () => void {
  others.add(peer)
  return () => others.delete(peer)
}

/** Resolves when all that was typed has been taken by the application. */
export async function flushDocuments(): Promise<void> {
  await Promise.all([...open.values(), ...others].map((peer) => peer.flush()))
}

/** Leaves the project. */
export async function closeDocuments(): Promise<void> {
  const peers = [...open.values()]
  open.clear()
  await Promise.all(peers.map((peer) => peer.close()))
}
