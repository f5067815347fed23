// The panel below the editor.
import { IconButton } from '../../design/Button'
import { SegmentedControl } from '../../design/Field'
import { type Bottom, showBottom, useProject } from '../../state/project'
import { LogView } from '../../features/problems/LogView'
import { ProblemsView } from '../../features/problems/ProblemsView'

export function BottomPanel() {
  const bottom = useProject((state) => state.open?.bottom ?? null)
  if (bottom === null) return null
  return (
    <section className="bottom-panel" data-part="" aria-label="Problems and log">
      <div className="bottom-head">
        <SegmentedControl<Bottom>
          label="Shown below"
          value={bottom}
          onChange={showBottom}
          options={[
            { value: 'problems', label: 'Problems' },
            { value: 'log', label: 'Log' },
          ]}
        />
        <span className="status-space" />
        <IconButton icon="close" size="small" label="Close the panel" onClick={() => showBottom(null)} />
      </div>
      <div className="bottom-body" data-part-body="">{bottom === 'problems' ? <ProblemsView /> : <LogView />}</div>
    </section>
  )
}
