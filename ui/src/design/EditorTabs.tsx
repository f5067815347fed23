// The tabs of open files: close button and middle click, order by dragging or Alt+Shift+arrows, a list of all
// where they do not fit.
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { classNames } from './classNames'
import { IconButton } from './Button'
import { ContextMenu } from './ContextMenu'
import { Icon, type IconName } from './Icon'
import { Menu } from './Menu'
import type { MenuItem } from './menuItems'
import './panes.css'

/** One open file. `detail` tells files of the same name apart; `marked` is the dot of unsaved or conflicting work. */
export type EditorTab = {
  id: string
  title: string
  detail?: string | undefined
  icon?: IconName | undefined
  marked?: boolean | undefined
  /** Shown in italics: the tab is reused by the next file that is only looked at. */
  preview?: boolean | undefined
}

/** A strip of tabs. `onMove` gets the tab and the index that it shall have. */
export function EditorTabs({
  label,
  tabs,
  active,
  onActivate,
  onClose,
  onMove,
  menuFor,
}: {
  label: string
  tabs: readonly EditorTab[]
  active: string | null
  onActivate: (id: string) => void
  onClose: (id: string) => void
  onMove: (id: string, index: number) => void
  menuFor?: ((id: string) => readonly MenuItem[]) | undefined
}) {
  const strip = useRef<HTMLDivElement>(null)
  const [overflows, setOverflows] = useState(false)
  const [dropIndex, setDropIndex] = useState<number | null>(null)
  const dragged = useRef<string | null>(null)

  // The layout: whether the tabs fit, which only the browser knows.
  useEffect(() => {
    const element = strip.current
    if (element === null) return
    const measure = () => setOverflows(element.scrollWidth > element.clientWidth + 1)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [tabs])

  // The scroll position: the active tab is always in sight.
  useEffect(() => {
    const box = strip.current
    const tab = box?.querySelector<HTMLElement>('[aria-selected="true"]')
    if (box === null || tab === null || tab === undefined) return
    const [left, right] = [tab.offsetLeft - box.offsetLeft, tab.offsetLeft - box.offsetLeft + tab.offsetWidth]
    if (left < box.scrollLeft) box.scrollLeft = left
    else if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth
  }, [active, tabs.length])

  const keyDown = (event: KeyboardEvent, index: number) => {
    const tab = tabs[index]
    if (tab === undefined) return
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step !== 0 && event.altKey && event.shiftKey) {
      const to = index + step
      if (to >= 0 && to < tabs.length) onMove(tab.id, to)
    } else if (step !== 0) {
      const next = tabs[(index + step + tabs.length) % tabs.length]
      if (next !== undefined) focusTab(next.id)
    } else if (event.key === 'Home' || event.key === 'End') {
      const next = tabs.at(event.key === 'Home' ? 0 : -1)
      if (next !== undefined) focusTab(next.id)
    } else if (event.key === 'Delete') {
      onClose(tab.id)
    } else if (event.key === 'Enter' || event.key === ' ') {
      onActivate(tab.id)
    } else {
      return
    }
    event.preventDefault()
  }
  const focusTab = (id: string) => {
    onActivate(id)
    strip.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(id)}"]`)?.focus()
  }
  const drop = () => {
    const id = dragged.current
    if (id !== null && dropIndex !== null) {
      const from = tabs.findIndex((tab) => tab.id === id)
      const to = dropIndex > from ? dropIndex - 1 : dropIndex
      if (to !== from) onMove(id, to)
    }
    dragged.current = null
    setDropIndex(null)
  }

  return (
    <div className="q-tabs">
      <div ref={strip} role="tablist" aria-label={label} className="q-tab-strip" onWheel={(event) => strip.current?.scrollBy({ left: event.deltaY })}>
        {tabs.map((tab, index) => (
          <MaybeMenu key={tab.id} items={menuFor?.(tab.id)}>
            <div
              role="tab"
              data-tab={tab.id}
              tabIndex={tab.id === active || (active === null && index === 0) ? 0 : -1}
              aria-selected={tab.id === active}
              aria-keyshortcuts="Delete"
              title={tab.detail}
              draggable
              className={classNames('q-tab', tab.preview && 'q-tab-preview')}
              data-drop={dropIndex === index ? 'before' : dropIndex === tabs.length && index === tabs.length - 1 ? 'after' : undefined}
              onClick={() => onActivate(tab.id)}
              onMouseDown={(event) => {
                if (event.button === 1) event.preventDefault()
              }}
              onAuxClick={(event) => {
                if (event.button === 1) onClose(tab.id)
              }}
              onKeyDown={(event) => keyDown(event, index)}
              onDragStart={(event) => {
                dragged.current = tab.id
                event.dataTransfer.effectAllowed = 'move'
                event.dataTransfer.setData('text/plain', tab.title)
              }}
              onDragOver={(event) => {
                if (dragged.current === null) return
                event.preventDefault()
                const box = event.currentTarget.getBoundingClientRect()
                setDropIndex(event.clientX < box.left + box.width / 2 ? index : index + 1)
              }}
              onDrop={(event) => {
                event.preventDefault()
                drop()
              }}
              onDragEnd={() => {
                dragged.current = null
                setDropIndex(null)
              }}
            >
              {tab.icon === undefined ? null : <Icon name={tab.icon} size={0.875} className="q-tab-icon" />}
              <span className="q-tab-title">{tab.title}</span>
              {tab.marked === true ? <span className="q-hidden">, changed</span> : null}
              {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- for the pointer: a control in a tab is nothing to screen readers, and the Delete key closes it */}
              <span
                className="q-tab-close"
                aria-hidden
                title={`Close ${tab.title}`}
                data-marked={tab.marked === true || undefined}
                onClick={(event) => {
                  event.stopPropagation()
                  onClose(tab.id)
                }}
              >
                <Icon name="close" size={0.8125} />
              </span>
            </div>
          </MaybeMenu>
        ))}
      </div>
      {overflows ? (
        <Menu
          align="end"
          label="Open files"
          trigger={<IconButton icon="chevron-down" label="Show all open files" size="small" />}
          items={tabs.map((tab) => ({
            kind: 'item',
            id: tab.id,
            label: tab.detail === undefined ? tab.title : `${tab.title} · ${tab.detail}`,
            icon: tab.icon,
            ...(tab.id === active ? { checked: true } : {}),
            onSelect: () => onActivate(tab.id),
          }))}
        />
      ) : null}
    </div>
  )
}

function MaybeMenu({ items, children }: { items: readonly MenuItem[] | undefined; children: ReactElement }) {
  return items === undefined ? children : <ContextMenu items={items}>{children}</ContextMenu>
}
