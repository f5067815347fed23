// The past of the file that is being edited: versions, the newest first, with who wrote them and their names. Of a
// shared file it is one list of what the relay keeps and what is kept here.
import { useEffect, useRef, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { EmptyState } from '../../design/EmptyState'
import { TextField } from '../../design/Field'
import { Icon } from '../../design/Icon'
import { Menu } from '../../design/Menu'
import { Spinner } from '../../design/Progress'
import { showToast } from '../../design/toasts'
import { commands, type NamedFor, type ProjectId, type ProjectPath, type TextVersion, type TimelineEntry } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { type Compared, compareWith, useComparison } from '../../state/comparison'
import { flushDocuments } from '../../state/documents'
import { nameOf } from '../../state/paths'
import { sentence } from '../../state/names'
import { activeFile, useProject } from '../../state/project'
import { useOpenSharing } from '../../state/sharing'
import { useTexts } from '../../state/texts'
import { covers, loadOlder, loadPast, sameVersion, usePast } from '../../state/timeline'
import { dayOf, spanOf } from '../../state/when'
import './history.css'
import { restoreVersion } from './restore'
import { Writers } from './Writers'
import { changesText, namesOfWriters } from './writers'

/** What is about to be given a name. */
type Naming = { what: 'present' | 'project' | TextVersion; name: string }

/** A pause of the author, after which what the relay has of it is asked for. */
const PAUSE_MS = 400

export function HistoryView() {
  const project = useProject((state) => state.open?.id)
  const path = useProject(activeFile)
  const saved = useProject((state) => state.open?.saving.type)
  const sharing = useOpenSharing()
  // Others write too: another program, another window, a co-author.
  const written = useTexts((state) => (state.path === path ? state.version : 0))
  const past = usePast((state) => (state.past?.path === path && state.past.project === project ? state.past : null))
  const [naming, setNaming] = useState<Naming | null>(null)
  const connection = sharing === null ? null : `${sharing.role} ${sharing.connection.type} ${sharing.connection.type === 'online' && sharing.connection.saved}`

  // The past, which grows when something has been saved, here or at the relay; and is another when that comes or goes.
  useEffect(() => {
    if (project === undefined || path === null || saved === 'saving') return
    const isShown = usePast.getState().past?.path === path
    const timer = setTimeout(() => void loadPast(project, path), isShown && connection !== null ? PAUSE_MS : 0)
    return () => clearTimeout(timer)
  }, [project, path, saved, written, connection])

  if (project === undefined || path === null) return <EmptyState icon="history" title="No file is open" />
  const finish = () => {
    setNaming(null)
    if (naming !== null && naming.name.trim() !== '') void give(project, path, naming, sharing !== null)
  }
  return (
    <div className="history">
      <div className="side-head">
        <h2>History of {nameOf(path)}</h2>
        <Menu
          align="end"
          label="Name"
          trigger={
            <Button size="small" icon="tag" variant="ghost">
              Name
            </Button>
          }
          items={[
            { kind: 'item', id: 'file', label: `Name ${nameOf(path)} as it is now`, icon: 'tag', onSelect: () => setNaming({ what: 'present', name: '' }) },
            { kind: 'item', id: 'project', label: 'Name the whole project as it is now', icon: 'book', onSelect: () => setNaming({ what: 'project', name: '' }) },
          ]}
        />
      </div>
      {naming !== null && <NameForm naming={naming} onChange={setNaming} onDone={finish} onCancel={() => setNaming(null)} />}
      {past?.source.type === 'away' && (
        <p className="history-note" role="status">
          {sentence(past.source.why)} This is what is kept on this computer.
        </p>
      )}
      {past === null && <Spinner label="Asking for the history" />}
      {past !== null && past.entries.length === 0 && (
        <EmptyState icon="history" title="No history yet">
          Every edit is kept here, by itself.
        </EmptyState>
      )}
      {past !== null && past.entries.length > 0 && <Versions key={path} path={path} onName={(what) => setNaming({ what, name: '' })} />}
    </div>
  )
}

function NameForm({ naming, onChange, onDone, onCancel }: { naming: Naming; onChange: (naming: Naming) => void; onDone: () => void; onCancel: () => void }) {
  const form = useRef<HTMLFormElement>(null)
  const label = naming.what === 'project' ? 'Name of the whole project' : naming.what === 'present' ? 'Name of the present version' : 'Name of this version'

  // The menu that was chosen from gives the focus back to its button after this is drawn.
  useEffect(() => {
    const timer = setTimeout(() => form.current?.querySelector('input')?.focus())
    return () => clearTimeout(timer)
  }, [])

  return (
    <form
      ref={form}
      className="history-name"
      onSubmit={(event) => {
        event.preventDefault()
        onDone()
      }}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <TextField label={label} placeholder="First draft" value={naming.name} onChange={(name) => onChange({ ...naming, name })} autoFocus />
      <div className="history-name-foot">
        <Button size="small" variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="small" variant="primary" type="submit" disabled={naming.name.trim() === ''}>
          Give this name
        </Button>
      </div>
    </form>
  )
}

async function give(project: ProjectId, path: ProjectPath, { what, name }: Naming, isShared: boolean): Promise<void> {
  await attempt(async () => {
    await flushDocuments()
    const named = what === 'project' ? await commands.nameProjectVersion({ project, name: name.trim() }) : await commands.nameVersion({ project, path, version: what === 'present' ? null : what, name: name.trim() })
    if (isShared) tellWhoSees(named, name.trim())
    await loadPast(project, path)
  }, 'The version was not given this name.')
}

function tellWhoSees(named: NamedFor, name: string): void {
  if (named === 'all') showToast({ tone: 'success', title: `“${name}” is seen by all who share the project.` })
  else showToast({ title: `“${name}” is seen by you alone.`, detail: 'The relay does not have this version, or does not take names from you now.' })
}

function Versions({ path, onName }: { path: ProjectPath; onName: (version: TextVersion) => void }) {
  const past = usePast((state) => state.past)
  const compared = useComparison((state) => (state.compared?.path === path ? state.compared : null))
  const [isLoading, setLoading] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const { project, entries, now, older, source } = past ?? { project: '', entries: [], now: 0, older: null, source: { type: 'here' as const } }
  const shown = compared?.version

  // The version that is looked at, which may have been asked for elsewhere.
  useEffect(() => {
    list.current?.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [shown])

  const more = async () => {
    setLoading(true)
    await attempt(loadOlder, 'Older versions cannot be had.')
    setLoading(false)
  }
  return (
    <ol ref={list} className="history-list q-scroll" aria-label="Versions">
      {entries.map((entry, index) => {
        const day = dayOfEntry(entry, now)
        const isNewDay = index === 0 || dayOfEntry(entries[index - 1], now) !== day
        return (
          <Version
            key={keyOf(entry.version)}
            project={project}
            path={path}
            entry={entry}
            day={isNewDay ? day : null}
            below={entries[index + 1]?.version ?? null}
            compared={compared}
            ahead={compared === null ? false : index < entries.findIndex((one) => covers(one, compared.version))}
            withNames={source.type !== 'here'}
            onName={() => onName(entry.version)}
          />
        )
      })}
      {older !== null && (
        <li className="history-more">
          <Button size="small" busy={isLoading} onClick={() => void more()}>
            Older versions
          </Button>
        </li>
      )}
    </ol>
  )
}

function dayOfEntry(entry: TimelineEntry | undefined, now: number): string {
  const ended = entry?.ended ?? null
  return ended === null ? 'Earlier' : dayOf(ended, now)
}

function keyOf(version: TextVersion): string {
  return version.side === 'here' ? `here ${version.update}` : `relay ${version.number}`
}

function Version({
  project,
  path,
  entry,
  day,
  below,
  compared,
  ahead,
  withNames,
  onName,
}: {
  project: ProjectId
  path: ProjectPath
  entry: TimelineEntry
  /** Begins with this entry. */
  day: string | null
  /** The version before it. */
  below: TextVersion | null
  compared: Compared | null
  /** It is later than the version that is compared. */
  ahead: boolean
  withNames: boolean
  onName: () => void
}) {
  const { version, began, ended, writers, names, mark } = entry
  const isShown = compared !== null && covers(entry, compared.version)
  const isOther = compared?.other !== null && compared?.other !== undefined && sameVersion(compared.other, version)
  const time = ended === null ? 'At first' : spanOf(began ?? ended, ended)
  const pair = compared !== null && !isShown ? (ahead ? { path, version: compared.version, other: version } : { path, version, other: compared.version }) : null
  return (
    <li>
      {day !== null && <h3>{day}</h3>}
      <div className="history-row" data-other={isOther || undefined}>
        <button type="button" className="history-entry" aria-pressed={isShown} onClick={() => compareWith(isShown && compared.other === null ? null : { path, version, other: null })}>
          <span className="history-time">{time}</span>
          <span className="history-changes">{changesText(entry)}</span>
          {withNames && <Writers writers={writers} />}
          {names.map((given) => (
            <span key={`${given.name} ${given.ofProject}`} className="history-given" title={given.ofProject ? 'A version of the whole project' : undefined}>
              <Icon name={given.ofProject ? 'book' : 'tag'} size={0.75} /> {given.name}
              {given.ofProject && <span className="q-hidden">, the whole project</span>}
            </span>
          ))}
          {mark === 'onlyHere' && <span className="history-only">{names.length > 0 && writers.length === 0 ? 'Only you see this name.' : 'Not at the relay yet.'}</span>}
        </button>
        <Menu
          align="end"
          label={`Version of ${time}`}
          trigger={<IconButton className="history-more-button" icon="more" size="small" label={`More about the version of ${time}${namesOfWriters(writers) === '' ? '' : ` by ${namesOfWriters(writers)}`}`} />}
          items={[
            { kind: 'item', id: 'now', label: 'Compare with now', icon: 'columns', onSelect: () => compareWith({ path, version, other: null }) },
            ...(below === null ? [] : [{ kind: 'item', id: 'before', label: 'Show what changed in it', icon: 'eye', onSelect: () => compareWith({ path, version: below, other: version }) } as const]),
            ...(pair === null ? [] : [{ kind: 'item', id: 'with', label: 'Compare with the one shown', icon: 'up-down', onSelect: () => compareWith(pair) } as const]),
            { kind: 'separator', id: 'then' },
            { kind: 'item', id: 'name', label: 'Name this version', icon: 'tag', onSelect: onName },
            { kind: 'item', id: 'restore', label: 'Restore this version', icon: 'restore', onSelect: () => void restoreVersion(project, path, version, time) },
          ]}
        />
      </div>
    </li>
  )
}
