// The log of the last build, with a search.
import { useEffect, useMemo, useState } from 'react'
import { TextField } from '../../design/Field'
import { VirtualList } from '../../design/VirtualList'
import { commands } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
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

  const lines = useMemo(() => {
    const all = log.split('\n')
    const wanted = search.toLowerCase()
    return wanted === '' ? all : all.filter((line) => line.toLowerCase().includes(wanted))
  }, [log, search])
  return (
    <div className="log">
      <TextField label="Search in the log" hideLabel value={search} onChange={setSearch} placeholder="Lines that contain …" />
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
