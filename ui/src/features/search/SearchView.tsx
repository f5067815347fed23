// Find and replace in the project: the fields above, matches file by file below.
import { useEffect, useRef, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { ConfirmDialog } from '../../design/Dialog'
import { EmptyState } from '../../design/EmptyState'
import { TextField } from '../../design/Field'
import { Icon } from '../../design/Icon'
import { VirtualList } from '../../design/VirtualList'
import type { FoundFile, FoundLine, ProjectPath, TextEdit } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { revealSource, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import { editOf, replaceIn, search, type Search, useSearch } from './searchStore'
import './search.css'

const PAUSE_MS = 200

type Row = { kind: 'file'; file: FoundFile } | { kind: 'line'; path: ProjectPath; line: FoundLine }

let answeredWish = 0

/** `apply` makes edits in files, open or not. */
export function SearchView({ apply }: { apply: (edits: TextEdit[]) => Promise<void> }) {
  const project = useProject((state) => state.open?.id)
  const state = useSearch()
  const version = useTexts((texts) => texts.version)
  const field = useRef<HTMLInputElement>(null)
  const [asking, setAsking] = useState(false)
  const { text, replacement, replaces, isRegex, matchCase, wholeWord, include } = state

  // What the texts hold now, a pause after each letter and edit.
  useEffect(() => {
    if (project === undefined) return
    const timer = setTimeout(() => void search(project), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [project, version, text, replacement, replaces, isRegex, matchCase, wholeWord, include])

  // The field takes the focus when somebody asks for a search, once for each wish.
  useEffect(() => {
    if (answeredWish === state.focusWish) return
    answeredWish = state.focusWish
    field.current?.focus()
    field.current?.select()
  }, [state.focusWish])

  if (project === undefined) return null
  const { result, folded } = state
  const rows: Row[] = (result?.files ?? []).flatMap((file): Row[] => [
    { kind: 'file', file },
    ...(folded.has(file.path) ? [] : file.lines.map((line): Row => ({ kind: 'line', path: file.path, line }))),
  ])
  const option = (name: 'matchCase' | 'wholeWord' | 'isRegex', sign: string, label: string) => (
    <button type="button" className="search-option" data-sign={sign} aria-pressed={state[name]} aria-label={label} title={label} onClick={() => useSearch.setState({ [name]: !state[name] })} />
  )
  return (
    <div className="search">
      <div className="side-head">
        <h2>Find in project</h2>
      </div>
      <div className="search-fields">
        <div className="search-line">
          <IconButton
            icon={replaces ? 'chevron-down' : 'chevron-right'}
            size="small"
            label="Replace"
            aria-expanded={replaces}
            onClick={() => useSearch.setState({ replaces: !replaces })}
          />
          <TextField
            ref={field}
            label="Find in project"
            hideLabel
            placeholder="Find"
            value={text}
            onChange={(next) => useSearch.setState({ text: next })}
            error={state.error ?? undefined}
            trailing={
              <>
                {option('matchCase', 'Aa', 'Upper and lower case differ')}
                {option('wholeWord', 'ab', 'Only whole words')}
                {option('isRegex', '.*', 'Regular expression')}
              </>
            }
          />
        </div>
        {replaces && (
          <div className="search-line search-below">
            <TextField
              label="Replace with"
              hideLabel
              placeholder={isRegex ? 'Replace with; $1 is the first group' : 'Replace with'}
              value={replacement}
              onChange={(next) => useSearch.setState({ replacement: next })}
            />
            <Button size="small" disabled={result === null || result.matches === 0} onClick={() => setAsking(true)}>
              All
            </Button>
          </div>
        )}
        <div className="search-line search-below">
          <TextField label="In files" hideLabel placeholder="In files: *.tex, chapters, !old" value={include} onChange={(next) => useSearch.setState({ include: next })} />
        </div>
      </div>
      <p className="search-count" role="status">
        {countText(state)}
      </p>
      {text === '' ? (
        <EmptyState icon="search" title="Find in all files">
          Matches of the whole project are listed here.
        </EmptyState>
      ) : (
        <VirtualList
          className="search-results"
          count={rows.length}
          keyOf={(index) => rowKey(rows[index], index)}
          renderRow={(index) => {
            const row = rows[index]
            if (row === undefined) return null
            return row.kind === 'file' ? (
              <FileRow file={row.file} folded={folded.has(row.file.path)} replaces={replaces} onReplace={() => void attempt(() => replaceIn(project, row.file.path, apply))} />
            ) : (
              <MatchRow row={row} replaces={replaces} onReplace={() => void attempt(() => apply([editOf(row.path, row.line)]))} />
            )
          }}
        />
      )}
      <ConfirmDialog
        open={asking}
        title={`Replace ${result?.matches ?? 0} ${result?.matches === 1 ? 'match' : 'matches'} in ${result?.files.length ?? 0} ${result?.files.length === 1 ? 'file' : 'files'}?`}
        description="Open files can undo it; the history of each file keeps what was there."
        confirmLabel="Replace"
        onConfirm={() => {
          setAsking(false)
          void attempt(() => replaceIn(project, null, apply))
        }}
        onCancel={() => setAsking(false)}
      />
    </div>
  )
}

function rowKey(row: Row | undefined, index: number): string {
  if (row === undefined) return String(index)
  if (row.kind === 'file') return row.file.path
  const { line, column } = row.line.range.start
  return `${row.path}:${line}:${column}`
}

function countText({ text, result, error }: Search): string {
  if (text === '' || result === null || error !== null) return ''
  if (result.matches === 0) return 'Nothing found'
  const matches = `${result.matches} ${result.matches === 1 ? 'match' : 'matches'}`
  return `${matches} in ${result.files.length} ${result.files.length === 1 ? 'file' : 'files'}`
}

function FileRow({ file, folded, replaces, onReplace }: { file: FoundFile; folded: boolean; replaces: boolean; onReplace: () => void }) {
  const cut = file.path.lastIndexOf('/') + 1
  const toggle = () => {
    const next = new Set(useSearch.getState().folded)
    if (!next.delete(file.path)) next.add(file.path)
    useSearch.setState({ folded: next })
  }
  return (
    <div className="search-row search-file">
      <button type="button" className="search-go" aria-expanded={!folded} onClick={toggle}>
        <Icon name={folded ? 'chevron-right' : 'chevron-down'} size={0.875} />
        <span className="search-name">{file.path.slice(cut)}</span>
        <span className="search-folder">{file.path.slice(0, Math.max(0, cut - 1))}</span>
      </button>
      {replaces && <IconButton icon="replace" size="small" label={`Replace in ${file.path}`} onClick={onReplace} />}
      <span className="q-badge q-tone-neutral">{file.lines.length}</span>
    </div>
  )
}

function MatchRow({ row, replaces, onReplace }: { row: { path: ProjectPath; line: FoundLine }; replaces: boolean; onReplace: () => void }) {
  const { line, path } = row
  // The match must be in sight, however narrow the side bar is.
  const before = line.before.length > 24 ? `…${line.before.slice(-22)}` : line.before
  return (
    <div className="search-row search-match">
      <button type="button" className="search-go" title={`${path}:${line.range.start.line}`} onClick={() => revealSource(path, line.range, false)}>
        <span className="search-text">
          {before}
          {replaces && line.replacement !== null ? (
            <>
              <del>{line.found}</del>
              <ins>{line.replacement}</ins>
            </>
          ) : (
            <mark>{line.found}</mark>
          )}
          {line.after}
        </span>
      </button>
      {replaces && <IconButton icon="replace" size="small" label="Replace this match" onClick={onReplace} />}
    </div>
  )
}
