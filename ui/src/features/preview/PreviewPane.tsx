// The pages of the last good build.
import { EmptyState } from '../../design/EmptyState'
import { pageAddress } from '../../ipc/addresses'
import { useProject } from '../../state/project'

export function PreviewPane() {
  const project = useProject((state) => state.open?.id)
  const preview = useProject((state) => state.open?.preview)
  if (project === undefined || preview === null || preview === undefined) {
    return (
      <EmptyState icon="book" title="No pages yet">
        They appear when the document is built.
      </EmptyState>
    )
  }
  return (
    <section aria-label="Pages" style={{ height: '100%', overflow: 'auto', background: 'var(--paper-sunken)' }}>
      {preview.pages.map((_, page) => (
        <img key={page} src={pageAddress(project, preview.number, page, 1.5)} alt={`Page ${page + 1}`} style={{ width: '100%' }} />
      ))}
    </section>
  )
}
