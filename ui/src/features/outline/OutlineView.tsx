// The outline of the document, across its files; what the cursor is in is marked.
import { useEffect, useMemo, useRef, useState } from 'react'
import { IconButton } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { Tree } from '../../design/Tree'
import { commands, type OutlineEntry } from '../../ipc/generated'
import { asCallError } from '../../ipc/call'
import { documentOf } from '../../state/documents'
import { activeFile, revealSource, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import { entryAt, outlineNodes } from './outlineNodes'
import './outline.css'

const PAUSE_MS = 250

export function OutlineView() {
  const project = useProject((state) => state.open?.id)
  const files = useProject((state) => state.open?.files)
  const path = useProject(activeFile)
  const cursor = useProject((state) => state.open?.cursor ?? null)
  const version = useTexts((state) => state.version)
  const [outline, setOutline] = useState<readonly OutlineEntry[] | null>(null)
  const isFirst = useRef(true)
  const [withLabels, setWithLabels] = useState(false)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const { nodes, entries } = useMemo(() => outlineNodes(outline ?? [], withLabels), [outline, withLabels])

  // The outline, which the application makes of all texts; a pause after each edit.
  useEffect(() => {
    if (project === undefined || path === null) return
    let ended = false
    const look = async () => {
      try {
        await documentOf(project, path).flush()
        const found = await commands.outline({ project, path })
        if (!ended) setOutline(found)
      } catch (error) {
        // A file that was closed in between has no outline.
        if (!ended && asCallError(error).code !== 'notFound') setOutline([])
      }
    }
    const timer = setTimeout(() => void look(), isFirst.current ? 0 : PAUSE_MS)
    isFirst.current = false
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [project, path, version, files])

  const expanded = useMemo(() => new Set([...entries.keys()].filter((id) => !closed.has(id))), [entries, closed])
  const current = cursor === null ? null : entryAt(entries, cursor.path, cursor.line)
  const selected = useMemo(() => new Set(current === null ? [] : [current]), [current])
  return (
    <div className="outline">
      <div className="side-head">
        <h2>Outline</h2>
        <IconButton icon="label" size="small" label="Labels and equations too" pressed={withLabels} onClick={() => setWithLabels(!withLabels)} />
      </div>
      {outline !== null && nodes.length === 0 ? (
        <EmptyState icon="outline" title="No sections yet">
          Sections, figures and tables of the whole document are listed here.
        </EmptyState>
      ) : (
        <Tree
          label="Outline"
          nodes={nodes}
          expanded={expanded}
          onExpandedChange={(next) => setClosed(new Set([...entries.keys()].filter((id) => !next.has(id))))}
          selected={selected}
          onSelectedChange={() => undefined}
          inSight={current}
          opensBranches
          onOpen={(id) => {
            const entry = entries.get(id)
            if (entry !== undefined) revealSource(entry.path, { start: entry.heading.start, end: entry.heading.start })
          }}
        />
      )}
    </div>
  )
}
