// Who wrote a part of a text, and when, stretch by stretch; each leads to its version in the history.
import { useEffect, useRef } from 'react'
import { Dialog } from '../../design/Dialog'
import { Spinner } from '../../design/Progress'
import type { ProjectPath, TextVersion, TimelineSource, WrittenPart } from '../../ipc/generated'
import { sentence } from '../../state/names'
import { clockOf, dayOf } from '../../state/when'
import './history.css'
import { forgetWhoWrote, useWhoWrote } from './whoWrote'
import { Writers } from './Writers'

export function WhoWroteDialog({ onJump }: { onJump: (path: ProjectPath, version: TextVersion) => void }) {
  const asked = useWhoWrote((state) => state.asked)
  if (asked === null) return null
  const { found, path, what, now } = asked
  return (
    <Dialog open onOpenChange={(open) => open || forgetWhoWrote()} title={`Who wrote ${what}`} size="medium">
      {found === null ? (
        <Spinner label="Asking" />
      ) : (
        <>
          <Note source={found.source} />
          {found.parts.length === 0 && <p className="wrote-note">Nothing is written here yet.</p>}
          <Parts
            parts={found.parts}
            now={now}
            onJump={(version) => {
              forgetWhoWrote()
              onJump(path, version)
            }}
          />
        </>
      )}
    </Dialog>
  )
}

function Parts({ parts, now, onJump }: { parts: readonly WrittenPart[]; now: number; onJump: (version: TextVersion) => void }) {
  const list = useRef<HTMLOListElement>(null)

  // The first of them, also when the dialog was open before they were there.
  useEffect(() => list.current?.querySelector('button')?.focus(), [])

  return (
    <ol ref={list} className="wrote-list" aria-label="Who wrote it">
      {parts.map((part) => (
        <li key={part.at}>
          <Part part={part} now={now} onJump={onJump} />
        </li>
      ))}
    </ol>
  )
}

function Note({ source }: { source: TimelineSource }) {
  if (source.type !== 'away') return null
  return <p className="history-note wrote-away">{sentence(source.why)} This is what is known on this computer.</p>
}

function Part({ part, now, onJump }: { part: WrittenPart; now: number; onJump: (version: TextVersion) => void }) {
  const { text, length, writer, time, version } = part
  const inside = (
    <>
      <span className="wrote-text">
        {text.trim() === '' ? '␣' : text.replaceAll('\n', '⏎')}
        {length > text.length && '…'}
      </span>
      {writer.type === 'unknown' ? <span className="history-names">It is not known any more</span> : <Writers writers={[writer]} />}
      <span className="wrote-when">{time === null ? '' : `${dayOf(time, now)} ${clockOf(time)}`}</span>
    </>
  )
  if (version === null) return <div className="wrote-part">{inside}</div>
  return (
    <button type="button" className="wrote-part" title="Show this version in the history" onClick={() => onJump(version)}>
      {inside}
    </button>
  )
}
