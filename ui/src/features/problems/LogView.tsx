// The log of the last build, with a search.
import { useEffect, useMemo, useState } from 'react'
import { TextField } from '../../design/Field'
import { VirtualList } from '../../design/VirtualList'
import { commands } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { howMany } from '../../state/names'
import { useProject } from '../../state/project'
import './problems.css'

export function LogView() {
  const project = useProject((state) => state.open?.id)
  const report = useProject((state) => state.open?.report)
  const [log, setLog] = useState('')
  const [search, setSearch] = useState('')

  // The log, which is kept by the application.
  useEffect(() => {
    if (project === undefined) return
    void attempt(async () => setLog(await commands.buildLog({ project })))
  }, [project, report])

  const all = useMemo(() => log.split('\n'), [log])
  const lines = useMemo(() => {
    const wanted = search.toLowerCase()
    return wanted === '' ? all : all.filter((line) => line.toLowerCase().includes(wanted))
  }, [all, search])
  return (
    <div className="log">
      <div className="log-head">
        <TextField label="Search in the log" hideLabel type="search" icon="search" value={search} onChange={setSearch} placeholder="Lines that contain …" className="log-search" />
        <span role="status">{search === '' ? howMany(all.length, 'line') : `${lines.length.toLocaleString('en')} of ${howMany(all.length, 'line')}`}</span>
      </div>
      <VirtualList
        className="log-lines"
        count={lines.length}
        rowRem={1.25}
        keyOf={(index) => index}
        renderRow={(index) => <code>{lines[index]}</code>}
      />
    </div>
  )
}
