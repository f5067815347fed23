// A version beside the present text, or beside a later version: what it had in red, what came in its place in green.
// A slider leads to every minute of the past.
import { type CSSProperties, Fragment, useEffect, useMemo, useRef, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { Spinner } from '../../design/Progress'
import { commands, type ComparedLine, type Comparison as Compared } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { compareWith, type Compared as Version } from '../../state/comparison'
import { flushDocuments } from '../../state/documents'
import { useProject } from '../../state/project'
import { useSettings } from '../../state/settings'
import { useTexts } from '../../state/texts'
import { loadPast, usePast } from '../../state/timeline'
import { placeOf, stopsOf } from './minutes'
import { restoreVersion } from './restore'
import { clockOf, dayOf } from '../../state/when'
import './history.css'

/** While the slider is moved, versions are not looked at faster than this. */
const PAUSE_MS = 80
/** Lines drawn at first, and whenever one has scrolled to their end. */
const ROWS_AT_ONCE = 300

export function Comparison({ version }: { version: Version }) {
  const project = useProject((state) => state.open?.id)
  const changed = useTexts((state) => state.version)
  const [found, setFound] = useState<(Compared & { when: string; otherWhen: string }) | null>(null)
  const entries = usePast((state) => (state.past?.path === version.path ? state.past.entries : null))
  const [shown, setShown] = useState(ROWS_AT_ONCE)
  const { path, version: then, other } = version
  const { editorFont, editorFontSize } = useSettings((state) => state.window)
  const font: CSSProperties = { fontSize: `${editorFontSize / 16}rem`, ...(editorFont === '' ? {} : { fontFamily: `${JSON.stringify(editorFont)}, var(--font-mono)` }) }

  // The comparison, which the application makes; again when the text changes.
  useEffect(() => {
    if (project === undefined) return
    let ended = false
    const timer = setTimeout(() => {
      void attempt(async () => {
        await flushDocuments()
        const compared = await commands.compare({ project, path, version: then, other })
        if (ended) return
        setShown(ROWS_AT_ONCE)
        setFound({ ...compared, when: whenOf(compared.time), otherWhen: other === null ? 'now' : whenOf(compared.otherTime) })
      }, 'This version cannot be shown.')
    }, PAUSE_MS)
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [project, path, then, other, changed])

  // How far the past reaches, when nobody has asked yet.
  const isKnown = entries !== null
  useEffect(() => {
    if (project !== undefined && !isKnown) void loadPast(project, path)
  }, [project, path, isKnown])

  const rows = useMemo(() => rowsOf(found?.stretches ?? []), [found])
  const end = useRef<HTMLDivElement>(null)
  const more = shown < rows.length
  // What is in sight: lines wrap, so that their heights are known only to the browser. More are drawn when the end of
  // those that are there comes near; all lines of a long text at once would take the window seconds.
  useEffect(() => {
    if (end.current === null || !more) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && setShown((before) => before + ROWS_AT_ONCE), { rootMargin: '600px' })
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [more, shown])

  if (project === undefined) return null
  const stops = stopsOf(entries ?? [])
  const time = found?.time ?? null
  const index = placeOf(time, stops)
  const go = (to: number) => {
    const stop = stops[to]
    if (stop === undefined) return
    void attempt(async () => {
      const sought = stop.version ?? (await commands.versionAt({ project, path, time: stop.time }))
      if (sought !== null) compareWith({ path, version: sought, other: null })
    })
  }
  const restore = () => void restoreVersion(project, path, then, found?.when ?? 'then')
  return (
    <section className="comparison" aria-label="Comparison with an earlier version">
      <header className="comparison-head">
        <div className="comparison-title">
          <strong>{path}</strong>
          <span>
            {found?.when ?? '…'} compared with {found?.otherWhen ?? '…'}
          </span>
        </div>
        {other !== null && (
          <Button size="small" onClick={() => compareWith({ path, version: then, other: null })}>
            Compare with now
          </Button>
        )}
        <Button size="small" icon="restore" variant="primary" onClick={restore} disabled={found === null || (other === null && found.stretches.length === 0)}>
          {other === null ? 'Restore this version' : 'Restore the earlier version'}
        </Button>
        <IconButton icon="close" size="small" label="Back to the editor" onClick={() => compareWith(null)} />
      </header>
      {other === null && stops.length > 1 && (
        <label className="comparison-slider">
          <span>Earlier</span>
          <input
            type="range"
            aria-label="Moment of the past"
            min={0}
            max={stops.length - 1}
            value={index}
            aria-valuetext={found?.when}
            onChange={(event) => go(Number(event.target.value))}
          />
          <span>Now</span>
        </label>
      )}
      {found !== null && found.missing > 0 && <p className="comparison-note">A repair of the database could not save all of this version.</p>}
      <div className="comparison-body q-scroll">
        {found === null ? (
          <Spinner label="Comparing" />
        ) : found.stretches.length === 0 ? (
          <p className="comparison-note">{other === null ? 'The text is now as it was then.' : 'The two versions are the same.'}</p>
        ) : (
          <table className="comparison-lines" style={font}>
            <tbody>
              {rows.slice(0, shown).map((line, place) =>
                line === null ? (
                  <tr key={place} className="comparison-gap">
                    <td colSpan={3}>⋯</td>
                  </tr>
                ) : (
                  <Line key={place} line={line} />
                ),
              )}
            </tbody>
          </table>
        )}
        {shown < rows.length && <div ref={end} className="comparison-more" />}
      </div>
    </section>
  )
}

/** The lines one below the other; null where lines that did not change are left out. */
function rowsOf(stretches: readonly (readonly ComparedLine[])[]): (ComparedLine | null)[] {
  return stretches.flatMap((stretch, place): (ComparedLine | null)[] => (place === 0 ? [...stretch] : [null, ...stretch]))
}

function whenOf(time: number | null): string {
  return time === null ? 'then' : `${dayOf(time, Date.now())} ${clockOf(time)}`
}

const NAMES = { same: '', removed: 'Then', added: 'Now' } as const

function Line({ line }: { line: ComparedLine }) {
  return (
    <tr className={`compared-${line.change}`}>
      <td className="compared-number">{line.oldLine}</td>
      <td className="compared-number">{line.newLine}</td>
      <td className="compared-text">
        <span className="q-hidden">{NAMES[line.change]}</span>
        {line.parts.map((part, index) => (part.differs ? <mark key={index}>{part.text}</mark> : <Fragment key={index}>{part.text}</Fragment>))}
      </td>
    </tr>
  )
}
