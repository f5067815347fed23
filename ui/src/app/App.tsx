import { EmptyState } from '../design/EmptyState'
import { ToastRegion } from '../design/ToastRegion'

/** The window's content. */
export function App() {
  return (
    <main style={{ height: '100%' }}>
      <EmptyState icon="book" title="Quire">
        No project is open.
      </EmptyState>
      <ToastRegion />
    </main>
  )
}
