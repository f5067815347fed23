// How many words: a number for the status bar, and all of it section by section.
import { useEffect } from 'react'
import { Dialog } from '../../design/Dialog'
import type { OutlineKind, Words } from '../../ipc/generated'
import { howMany } from '../../state/names'
import { activeFile, revealSource, useProject } from '../../state/project'
import { useTexts } from '../../state/texts'
import { allWords, countWords, showWordCount, useWordCount } from './wordCount'
import './words.css'

const PAUSE_MS = 700

/** The number, which opens the dialog. */
export function WordCountButton() {
  const project = useProject((state) => state.open?.id)
  const path = useProject(activeFile)
  const version = useTexts((state) => state.version)
  const count = useWordCount((state) => state.count)
  const isText = path !== null && /\.(tex|ltx|latex)$/i.test(path)

  // The application counts, a pause after each edit.
  useEffect(() => {
    if (project === undefined || path === null || !isText) return
    const timer = setTimeout(() => void countWords(project, path), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [project, path, isText, version])

  if (count === null || !isText) return null
  return (
    <button type="button" className="word-count" onClick={() => showWordCount(true)} title="Words by section">
      {howMany(allWords(count.total), 'word')}
    </button>
  )
}

const DEPTH: Readonly<Partial<Record<OutlineKind, number>>> = { part: 0, chapter: 1, section: 2, subsection: 3, subsubsection: 4, paragraph: 5, frame: 5 }

/** The dialog. */
export function WordCountDialog() {
  const { count, open } = useWordCount()
  if (count === null) return null
  const { total, sections } = count
  const depths = sections.map((section) => (section.kind === null ? 9 : (DEPTH[section.kind] ?? 2)))
  const top = Math.min(...depths, 5)
  const most = Math.max(1, ...sections.map((section) => allWords(section.own)))
  return (
    <Dialog open={open} onOpenChange={showWordCount} title="Words" description="Text that readers see, without commands and formulas." size="medium">
      <dl className="words-total">
        <Figure name="Words" value={allWords(total)} strong />
        <Figure name="Text" value={total.body} />
        <Figure name="Titles" value={total.headings} />
        <Figure name="Captions" value={total.captions} />
        <Figure name="Footnotes" value={total.footnotes} />
        <Figure name="Formulas" value={total.formulas} />
        <Figure name="Floats" value={total.floats} />
      </dl>
      <table className="words-table">
        <thead>
          <tr>
            <th scope="col">Section</th>
            <th scope="col">Own</th>
            <th scope="col">In all</th>
          </tr>
        </thead>
        <tbody>
          {sections.map((section, index) =>
            section.kind === null && allWords(section.own) === 0 ? null : (
              <tr key={index}>
                <th scope="row" style={{ paddingLeft: `${section.kind === null ? 0 : Math.max(0, (depths[index] ?? top) - top) * 0.875}rem` }}>
                  <button
                    type="button"
                    onClick={() => {
                      showWordCount(false)
                      revealSource(section.path, { start: section.heading.start, end: section.heading.start })
                    }}
                  >
                    {section.kind === null ? 'Before the first section' : section.title || 'Untitled'}
                  </button>
                  <span className="words-bar" style={{ width: `${(allWords(section.own) / most) * 100}%` }} />
                </th>
                <td>{words(section.own)}</td>
                <td>{words(section.withChildren)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </Dialog>
  )
}

const words = (counted: Words): string => allWords(counted).toLocaleString()

function Figure({ name, value, strong = false }: { name: string; value: number; strong?: boolean }) {
  return (
    <div className={strong ? 'words-strong' : undefined}>
      <dt>{name}</dt>
      <dd>{value.toLocaleString()}</dd>
    </div>
  )
}
