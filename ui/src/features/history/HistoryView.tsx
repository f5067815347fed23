// The past of the file that is being edited: stretches of work, the newest first, and versions with a name.
import { useEffect, useState } from 'react'
import { Button } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { TextField } from '../../design/Field'
import { Icon } from '../../design/Icon'
import { asCallError } from '../../ipc/call'
import { commands, type HistoryEntry } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { compareWith, useComparison } from '../../state/comparison'
import { flushDocuments } from '../../state/documents'
import { nameOf } from '../../state/paths'
import { activeFile, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import { dayOf, spanOf } from '../../state/when'
import './history.css'

export function HistoryView() {
  const project = useProject((state) => state.open?.id)
  const path = useProject(activeFile)
  const saved = useProject((state) => state.open?.saving.type)
  // Others write too: another program, another window.
  const written = useTexts((state) => (state.path === path ? state.version : 0))
  const compared = useComparison((state) => state.compared)
  const [{ entries, now }, setFound] = useState<{ entries: readonly HistoryEntry[] | null; now: number }>({ entries: null, now: 0 })
  const [naming, setNaming] = useState<string | null>(null)
  const [version, setVersion] = useState(0)

  // The history, which the application keeps; it grows when something has been saved.
  useEffect(() => {
    if (project === undefined || path === null || saved === 'saving') return
    let ended = false
    commands.history({ project, path }).then(
      (found) => !ended && setFound({ entries: found, now: Date.now() }),
      // A picture has no history.
      (error: unknown) => !ended && setFound({ entries: asCallError(error).code === 'closing' ? null : [], now: 0 }),
    )
    return () => {
      ended = true
    }
  }, [project, path, saved, version, written])

  if (project === undefined || path === null) return <EmptyState icon="history" title="No file is open" />
  const name = () => {
    const wanted = naming?.trim() ?? ''
    setNaming(null)
    if (wanted === '') return
    void attempt(async () => {
      await flushDocuments()
      await commands.nameVersion({ project, path, name: wanted })
      setVersion((before) => before + 1)
    })
  }
  return (
    <div className="history">
      <div className="side-head">
        <h2>History of {nameOf(path)}</h2>
        <Button size="small" icon="tag" variant="ghost" onClick={() => setNaming('')}>
          Name
        </Button>
      </div>
      {naming !== null && (
        <form
          className="history-name"
          onSubmit={(event) => {
            event.preventDefault()
            name()
          }}
        >
          <TextField label="Name of the present version" hideLabel placeholder="Name of the present version" value={naming} onChange={setNaming} autoFocus onBlur={name} />
        </form>
      )}
      {entries !== null && entries.length === 0 && (
        <EmptyState icon="history" title="No history yet">
          Every edit is kept here, by itself.
        </EmptyState>
      )}
      <ol className="history-list q-scroll" aria-label="Versions">
        {(entries ?? []).map((entry, index) => {
          const day = dayOf(entry.ended, now)
          const newDay = index === 0 || dayOf(entries?.[index - 1]?.ended ?? 0, now) !== day
          const shown = compared?.path === path && compared.at >= entry.first && compared.at <= entry.last
          return (
            <li key={entry.first}>
              {newDay && <h3>{day}</h3>}
              <button type="button" className="history-entry" aria-pressed={shown} onClick={() => compareWith(shown ? null : { path, at: entry.last })}>
                <span className="history-time">{spanOf(entry.began, entry.ended)}</span>
                <span className="history-changes">{changesText(entry)}</span>
                {entry.names.map((given) => (
                  <span key={given} className="history-given">
                    <Icon name="tag" size={0.75} /> {given}
                  </span>
                ))}
              </button>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

function changesText(entry: HistoryEntry): string {
  if (entry.first === 1 && entry.last === 1) return 'made'
  const changes = entry.last - entry.first + 1
  return `${changes} ${changes === 1 ? 'change' : 'changes'}`
}

