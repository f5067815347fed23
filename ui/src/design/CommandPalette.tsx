// One field that finds everything. The keyboard stays in the field; the list is its listbox (ARIA combobox).
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { Icon } from './Icon'
import { Kbd } from './Kbd'
import { type PaletteHit, type PaletteItem, paletteHits, paletteMode, parseLine, PREFIX_OF_MODE, type PaletteMode } from './palette'
import './overlays.css'
import './panes.css'
import { returnFocus } from './returnFocus'

const PLACEHOLDER = 'Find a file — or type > for commands, @ for symbols, : for a line'

/** The palette. `items` are asked for once per mode and opening. `recent` holds ids, newest first; `onUse` hears
    which item was chosen, to keep that list. `onGoToLine` gets line and column, both from 1. */
export function CommandPalette({
  open,
  initialMode = 'files',
  onOpenChange,
  items,
  recent,
  onUse,
  onGoToLine,
}: {
  open: boolean
  initialMode?: PaletteMode | undefined
  onOpenChange: (open: boolean) => void
  items: (mode: 'files' | 'commands' | 'symbols') => readonly PaletteItem[]
  recent: readonly string[]
  onUse?: ((id: string) => void) | undefined
  onGoToLine?: ((line: number, column: number) => void) | undefined
}) {
  const chosen = useRef<(() => void) | null>(null)
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="q-scrim" style={{ background: 'transparent' }} />
        <Dialog.Content
          className="q-palette"
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            returnFocus(event)
            // Only now: what was chosen may want the focus, which the palette would have taken back.
            chosen.current?.()
            chosen.current = null
          }}
        >
          <Dialog.Title className="q-hidden">Find and run</Dialog.Title>
          <PaletteBody
            initialMode={initialMode}
            items={items}
            recent={recent}
            choose={(item) => {
              onOpenChange(false)
              onUse?.(item.id)
              chosen.current = item.run
            }}
            goToLine={(line, column) => {
              onOpenChange(false)
              chosen.current = () => onGoToLine?.(line, column)
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function PaletteBody({
  initialMode,
  items,
  recent,
  choose,
  goToLine,
}: {
  initialMode: PaletteMode
  items: (mode: 'files' | 'commands' | 'symbols') => readonly PaletteItem[]
  recent: readonly string[]
  choose: (item: PaletteItem) => void
  goToLine: (line: number, column: number) => void
}) {
  const [text, setText] = useState(PREFIX_OF_MODE[initialMode])
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const { mode, query } = paletteMode(text)
  const source = useMemo(() => (mode === 'line' ? [] : items(mode)), [items, mode])
  const hits = useMemo(() => paletteHits(source, query, recent), [source, query, recent])
  const line = mode === 'line' ? parseLine(query) : null

  // The scroll position: the active entry is always in sight.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' })
  }, [active, hits])

  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key]
    if (step !== undefined) {
      const next = active + step
      const wraps = Math.abs(step) === 1
      setActive(hits.length === 0 ? 0 : wraps ? (next + hits.length) % hits.length : Math.max(0, Math.min(hits.length - 1, next)))
    } else if (event.key === 'Enter') {
      const hit = hits[active]
      if (line !== null) goToLine(line.line, line.column)
      else if (hit !== undefined) choose(hit.item)
    } else {
      return
    }
    event.preventDefault()
  }

  return (
    <>
      <input
        className="q-palette-input"
        role="combobox"
        aria-expanded
        aria-label="Find and run"
        aria-controls={`${id}-list`}
        aria-activedescendant={hits[active] === undefined ? undefined : `${id}-${active}`}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        autoFocus
        placeholder={PLACEHOLDER}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setActive(0)
        }}
        onKeyDown={keyDown}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Results" className="q-palette-list q-scroll">
        {mode === 'line' ? (
          <div className="q-palette-none">{line === null ? 'Type a line number, or line:column' : `Go to line ${line.line}`}</div>
        ) : hits.length === 0 ? (
          <div className="q-palette-none">Nothing found</div>
        ) : (
          hits.map((hit, index) => (
            <PaletteRow
              key={hit.item.id}
              id={`${id}-${index}`}
              hit={hit}
              group={query === '' ? groupHeading(hits, index, recent) : undefined}
              selected={index === active}
              onPoint={() => setActive(index)}
              onChoose={() => choose(hit.item)}
            />
          ))
        )}
      </div>
      <div className="q-hidden" role="status">
        {mode === 'line' ? '' : `${hits.length} results`}
      </div>
    </>
  )
}

function groupHeading(hits: readonly PaletteHit[], index: number, recent: readonly string[]): string | undefined {
  const groupAt = (at: number) => {
    const item = hits[at]?.item
    return item === undefined ? undefined : recent.includes(item.id) ? 'Recent' : item.group
  }
  const own = groupAt(index)
  return own === groupAt(index - 1) ? undefined : own
}

function PaletteRow({
  id,
  hit,
  group,
  selected,
  onPoint,
  onChoose,
}: {
  id: string
  hit: PaletteHit
  group: string | undefined
  selected: boolean
  onPoint: () => void
  onChoose: () => void
}) {
  const { item, positions } = hit
  return (
    <>
      {group === undefined ? null : (
        <div className="q-palette-group" role="presentation">
          {group}
        </div>
      )}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field holds the keyboard */}
      <div id={id} role="option" aria-selected={selected} tabIndex={-1} className="q-palette-item" onPointerMove={onPoint} onClick={onChoose}>
        {item.icon === undefined ? null : <Icon name={item.icon} />}
        <span className="q-palette-label">{marked(item.label, positions)}</span>
        <span className="q-palette-detail">{item.detail}</span>
        {item.shortcut === undefined ? null : <Kbd shortcut={item.shortcut} />}
      </div>
    </>
  )
}

function marked(label: string, positions: readonly number[]): ReactNode {
  if (positions.length === 0) return label
  const parts: ReactNode[] = []
  let from = 0
  for (let index = 0; index < positions.length; ) {
    const start = positions[index] ?? 0
    let end = start
    while (index < positions.length && positions[index] === end) {
      end += 1
      index += 1
    }
    parts.push(label.slice(from, start), <mark key={start}>{label.slice(start, end)}</mark>)
    from = end
  }
  parts.push(label.slice(from))
  return parts
}
