// Files that are dragged in from the system's file manager, for components.
import { useEffect } from 'react'
import { type FileDrag, onFileDrag } from './system'

/** Calls `onDrag`, which must be stable, while files are dragged over the window. */
export function useFileDrag(onDrag: (drag: FileDrag) => void): void {
  // Dragging, which the system reports.
  useEffect(() => {
    let end: (() => void) | undefined
    let ended = false
    void onFileDrag(onDrag).then((stop) => {
      if (ended) stop()
      else end = stop
    })
    return () => {
      ended = true
      end?.()
    }
  }, [onDrag])
}
