// A version beside the present text: what it had in red, what the text has now in green. A slider leads to every
// minute of the past.
import { type CSSProperties, Fragment, useEffect, useMemo, useRef, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { showToast } from '../../design/toasts'
import { Spinner } from '../../design/Progress'
import { commands, type ComparedLine, type Comparison as Compared, type HistoryEntry } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { compareWith, type Compared as Version } from '../../state/comparison'
import { flushDocuments } from '../../state/documents'
import { nameOf } from '../../state/paths'
import { goToFile, useProject } from '../../state/project'
import { useSettings } from '../../state/settings'
import { useTexts } from '../../state/texts'
import { minutesOf, placeOf } from './minutes'
import { clockOf, dayOf } from '../../state/when'
import './history.css'

/** While the slider is moved, versions are not looked at faster than this. */
const PAUSE_MS = 80
/** Lines drawn at first, and whenever one has scrolled to their end. */
const ROWS_AT_ONCE = 300

export function Comparison({ version }: { version: Version }) {
  const project = useProject((state) => state.open?.id)
  const changed = useTexts((state) => state.version)
  const [found, setFound] = useState<(Compared & { when: string }) | null>(null)
  const [entries, setEntries] = useState<readonly HistoryEntry[]>([])
  const [shown, setShown] = useState(ROWS_AT_ONCE)
  const { path, at } = version
  const { editorFont, editorFontSize } = useSettings((state) => state.window)
  const font: CSSProperties = { fontSize: `${editorFontSize / 16}rem`, ...(editorFont === '' ? {} : { fontFamily: `${JSON.stringify(editorFont)}, var(--font-mono)` }) }

  // The comparison, which the application makes; again when the text changes.
  useEffect(() => {
    if (project === undefined) return
    let ended = false
    const timer = setTimeout(() => {
      void attempt(async () => {
        await flushDocuments()
        const compared = await commands.compare({ project, path, at })
        if (ended) return
        setShown(ROWS_AT_ONCE)
        setFound({ ...compared, when: compared.time === null ? 'then' : `${dayOf(compared.time, Date.now())} ${clockOf(compared.time)}` })
      }, 'This version cannot be shown.')
    }, PAUSE_MS)
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [project, path, at, changed])

  // How far the past reaches.
  useEffect(() => {
    if (project === undefined) return
    let ended = false
    void attempt(async () => {
      const history = await commands.history({ project, path })
      if (!ended) setEntries(history)
    })
    return () => {
      ended = true
    }
  }, [project, path])

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
  const minutes = minutesOf(entries)
  const time = found?.time ?? null
  const index = placeOf(time, minutes)
  const go = (to: number) => {
    const minute = minutes[to]
    if (minute === undefined) return
    void attempt(async () => {
      const update = await commands.updateAt({ project, path, time: minute })
      if (update !== null) compareWith({ path, at: update })
    })
  }
  const restore = () => {
    void attempt(async () => {
      await flushDocuments()
      const [before] = await commands.history({ project, path })
      await commands.restoreText({ project, path, at })
      compareWith(null)
      goToFile(path)
      showToast({
        tone: 'success',
        title: `${nameOf(path)} is as it was: ${found?.when ?? 'then'}.`,
        detail: 'What it was before is in the history.',
        ...(before === undefined ? {} : { action: { label: 'Undo', run: () => void attempt(() => commands.restoreText({ project, path, at: before.last })) } }),
      })
    }, 'This version cannot be restored.')
  }
  return (
    <section className="comparison" aria-label="Comparison with an earlier version">
      <header className="comparison-head">
        <div className="comparison-title">
          <strong>{path}</strong>
          <span>{found?.when ?? '…'} compared with now</span>
        </div>
        <Button size="small" icon="restore" variant="primary" onClick={restore} disabled={found === null || found.stretches.length === 0}>
          Restore this version
        </Button>
        <IconButton icon="close" size="small" label="Back to the editor" onClick={() => compareWith(null)} />
      </header>
      {minutes.length > 1 && (
        <label className="comparison-slider">
          <span>Earlier</span>
          <input
            type="range"
            aria-label="Moment of the past"
            min={0}
            max={minutes.length - 1}
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
          <p className="comparison-note">The text is now as it was then.</p>
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
