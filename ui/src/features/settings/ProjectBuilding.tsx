// How the open project is built: its engine, whether it may run programs, how much it may use up.
import { useEffect, useState } from 'react'
import { Button, IconButton } from '../../design/Button'
import { coded } from '../../design/coded'
import { Select, Switch, TextField } from '../../design/Field'
import type { BuildLimit, LimitName, TexLiveState } from '../../ipc/generated'
import { attempt } from '../../state/attempt'
import { allowPrograms, BUILT_IN, buildLimits, ENGINES, setBuildLimit, setBuildSwitch, texLive } from '../../state/engines'
import { useProject } from '../../state/project'
import { chooseEngine } from '../../state/projectSettings'

const OF_BUILT_IN = 'Part of Quire: it needs no installation of TeX and no network.'
const OF_TEX_LIVE = 'Runs in a sandbox without network. Pages follow each build, not each key.'

/** Where the engine runs, what is missing for it, or which one the document asks for. */
function hintOf(engine: string, state: TexLiveState | null, wish: string | null | undefined): string {
  if (engine === BUILT_IN) return wish ?? OF_BUILT_IN
  if (state?.type === 'missing') return `${state.what} ${state.advice}`
  const place = state === null ? '' : `${state.place}. `
  return wish ?? `${place}${OF_TEX_LIVE}`
}

export function ProjectBuilding() {
  const engine = useProject((state) => state.open?.engine ?? BUILT_IN)
  const build = useProject((state) => state.open?.settings.build)
  const programs = build?.programs
  const wish = useProject((state) => state.open?.report?.problems.find(({ action }) => action !== null)?.explanation)
  const state = useTexLive(engine)
  const isTexLive = engine !== BUILT_IN
  return (
    <>
      <h3>Building</h3>
      <Select
        className="settings-choice"
        label="Engine"
        hint={coded(hintOf(engine, state, wish))}
        value={engine}
        onChange={(next) => void chooseEngine(next)}
        options={ENGINES.map(({ engine: value, label }) => ({ value, label }))}
      />
      {(isTexLive || programs === 'allowed') && (
        <Switch
          label="Let this document run programs"
          hint="Inside the sandbox only: without network, and without your files. On this computer; co-authors decide for themselves."
          checked={programs === 'allowed'}
          onChange={(on) => void allowPrograms(on)}
        />
      )}
      {isTexLive && (
        <>
          <Switch
            label="Draft"
            hint="Pictures are left out: empty frames of their size stand in their place."
            checked={build?.draft ?? false}
            onChange={(on) => void setBuildSwitch('draft', on)}
          />
          <Switch
            label="Stop at the first error"
            hint="The last pages stay until it is mended."
            checked={build?.stopOnFirstError ?? false}
            onChange={(on) => void setBuildSwitch('stopOnFirstError', on)}
          />
        </>
      )}
      <Limits engine={engine} />
    </>
  )
}

/** Whether TeX Live can build here, asked when it is to. */
function useTexLive(engine: string): TexLiveState | null {
  const [state, setState] = useState<TexLiveState | null>(null)

  // The container runtime, which may be started meanwhile.
  useEffect(() => {
    if (engine === BUILT_IN) return
    let isWanted = true
    void texLive().then((found) => {
      if (isWanted) setState(found)
    })
    return () => {
      isWanted = false
    }
  }, [engine])

  return state
}

const LIMITS: Readonly<Record<LimitName, { label: string; unit: string; hint: string }>> = {
  memoryMb: { label: 'Memory', unit: 'MB', hint: 'Of all programs of a build together.' },
  processors: { label: 'Processors', unit: '', hint: 'How many a build may keep busy.' },
  processes: { label: 'Processes', unit: '', hint: 'At once: TeX, its helpers and their threads.' },
  seconds: { label: 'Time', unit: 's', hint: 'Of a whole build.' },
  outputMb: { label: 'Output', unit: 'MB', hint: 'All that a build writes.' },
}

function Limits({ engine }: { engine: string }) {
  const [limits, setLimits] = useState<readonly BuildLimit[]>([])
  const [isOpen, setOpen] = useState(false)
  const load = () => attempt(async () => setLimits(await buildLimits()))

  // The bounds, which the application keeps; an engine heeds its own.
  useEffect(() => void load(), [engine])

  const set = async (name: LimitName, value: number | null) => {
    await setBuildLimit(name, value)
    await load()
  }
  const changed = limits.filter(({ value }) => value !== null)
  return (
    <details className="settings-more" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        What a build may use up
        <span className="q-field-hint">{changed.length === 0 ? 'As for every project.' : changed.map(({ name, value }) => `${LIMITS[name].label} ${value?.toLocaleString('en')}${LIMITS[name].unit === '' ? '' : ` ${LIMITS[name].unit}`}`).join(', ')}</span>
      </summary>
      {limits.map((limit) => (
        <LimitField key={`${limit.name} ${limit.value}`} limit={limit} onSet={(value) => void set(limit.name, value)} />
      ))}
      {changed.length > 1 && (
        <div className="settings-row">
          <Button size="small" onClick={() => void Promise.all(changed.map(({ name }) => setBuildLimit(name, null))).then(load)}>
            All as for every project
          </Button>
        </div>
      )}
    </details>
  )
}

function LimitField({ limit, onSet }: { limit: BuildLimit; onSet: (value: number | null) => void }) {
  const { name, value, least, most } = limit
  const { label, unit, hint } = LIMITS[name]
  const [text, setText] = useState(String(value ?? limit.default))
  const number = Number(text)
  const fits = /^\d+$/.test(text.trim()) && number >= least && number <= most
  const range = `From ${least.toLocaleString('en')} to ${most.toLocaleString('en')}${unit === '' ? '' : ` ${unit}`}.`
  const keep = () => {
    if (fits && number !== (value ?? limit.default)) onSet(number === limit.default ? null : number)
  }
  return (
    <TextField
      className="settings-choice settings-limit"
      label={unit === '' ? label : `${label} (${unit})`}
      inputMode="numeric"
      hint={`${hint} ${value === null ? 'As for every project.' : `${limit.default.toLocaleString('en')} for every other project.`}`}
      error={fits ? undefined : range}
      value={text}
      onChange={setText}
      onBlur={keep}
      onKeyDown={({ key }) => key === 'Enter' && keep()}
      trailing={value === null ? undefined : <IconButton icon="undo" size="small" label={`${label} as for every project`} onClick={() => onSet(null)} />}
    />
  )
}
