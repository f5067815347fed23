// What comments and suggestions have in common as lists: of which files, in which order.
import type { ReactNode } from 'react'
import { Select } from '../../design/Field'
import type { ProjectPath } from '../../ipc/generated'
import { grouped } from '../../state/discussion/grouped'
import { type Scope, useReview } from './review'

/** The file that is edited, and the files of documents. */
export type Files = { active: ProjectPath | null; pathOf: (document: string) => ProjectPath | null }

/** Whether a list is of the file that is edited, or of all. */
export function ScopeSelect() {
  const scope = useReview((state) => state.scope)
  return (
    <Select<Scope>
      label="Of"
      hideLabel
      value={scope}
      onChange={(value) => useReview.setState({ scope: value })}
      options={[
        { value: 'file', label: 'This file' },
        { value: 'project', label: 'All files' },
      ]}
    />
  )
}

/** Whether something in a document belongs to the list. */
export function isInScope({ active, pathOf }: Files, scope: Scope, document: string): boolean {
  return scope === 'project' || pathOf(document) === active
}

/** The file that is edited first, then the others by name; in each the order of the text. */
export function FileSections<Item extends { id: string; document: string }>({ items, active, pathOf, children }: Files & { items: readonly Item[]; children: (item: Item) => ReactNode }) {
  const { places, scope } = useReview()
  const order = ({ id }: Item) => places.get(id)?.from ?? Number.MAX_SAFE_INTEGER
  const files = [...grouped(items, ({ document }) => pathOf(document) ?? '')].toSorted(([a], [b]) => Number(b === active) - Number(a === active) || a.localeCompare(b))
  return files.map(([path, own]) => (
    <section key={path} aria-label={path === '' ? 'Deleted files' : path}>
      {(scope === 'project' || path === '') && <h3>{path === '' ? 'In files that were deleted' : path}</h3>}
      {own.toSorted((a, b) => order(a) - order(b)).map(children)}
    </section>
  ))
}

/** Why one cannot take part, in place of the field for it. */
export function OnlyReading({ children }: { children: ReactNode }) {
  return <p className="talk-only-reading">{children}</p>
}
