// What the last build found, and what is wrong with what is being written: what it means, where it is, and one click
// to mend it.
import { Button } from '../../design/Button'
import { coded } from '../../design/coded'
import { EmptyState } from '../../design/EmptyState'
import { Icon } from '../../design/Icon'
import type { Problem } from '../../ipc/generated'
import { takeAction } from '../../state/engines'
import { applyFix, revealSource, useProject } from '../../state/project'
import './problems.css'

export function ProblemsView() {
  const report = useProject((state) => state.open?.report ?? null)
  const now = useProject((state) => state.open?.liveProblem ?? null)
  if (report === null) return <EmptyState title="Nothing built yet">Problems of the document are listed here.</EmptyState>
  if (report.problems.length === 0 && now === null) {
    return (
      <EmptyState icon="success" title="No problems">
        The document built cleanly.
      </EmptyState>
    )
  }
  // What all of them come from is mended once.
  const firstAction = report.problems.findIndex(({ action }) => action !== null)
  return (
    <ul className="problems" aria-label="Problems">
      {now !== null && <OneProblem problem={now} place={[]} isNow />}
      {report.problems.map((problem, index) => (
        // A build's list does not change; the next is another.
        <OneProblem key={index} problem={problem} place={[index]} offersAction={index === firstAction} />
      ))}
    </ul>
  )
}

const ICONS = { error: 'error', warning: 'warning', hint: 'info' } as const

/** `isNow`: no build has told it yet. */
function OneProblem({ problem, place, isNow = false, offersAction = false }: { problem: Problem; place: readonly number[]; isNow?: boolean; offersAction?: boolean }) {
  const { path, range, fix, action } = problem
  const where = path === null ? problem.foreign : range === null ? path : `${path}:${range.start.line}`
  const go = () => {
    if (path !== null && range !== null) revealSource(path, { start: range.start, end: { ...range.end, column: Math.min(range.end.column, 1_000_000) } })
  }
  return (
    <li className={`problem problem-${problem.severity}`}>
      <div className="problem-line">
        <Icon name={ICONS[problem.severity]} size={0.9375} />
        <button type="button" className="problem-text" onClick={go} disabled={path === null}>
          <span className="problem-meaning">{problem.explanation === '' ? problem.message : coded(problem.explanation)}</span>
          {problem.explanation !== '' && <span className="problem-message">{problem.message}</span>}
        </button>
        {fix?.isAutomatic === true && (
          <Button size="small" icon="lightbulb" onClick={() => void applyFix(place)}>
            {coded(fix.title)}
          </Button>
        )}
        {offersAction && action !== null && (
          <Button size="small" icon="play" onClick={() => void takeAction(action)}>
            {action.title}
          </Button>
        )}
        {isNow && <span className="problem-now">as you type</span>}
        {where !== null && <span className="problem-where">{where}</span>}
      </div>
      {fix !== null && !fix.isAutomatic && <p className="problem-advice">{coded(fix.title)}</p>}
      {problem.caused.length > 0 && (
        <details>
          <summary>{problem.caused.length} more that follow from this one</summary>
          <ul className="problems">
            {problem.caused.map((caused, index) => (
              <OneProblem key={index} problem={caused} place={[...place, index]} />
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}
