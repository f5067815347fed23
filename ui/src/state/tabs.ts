// The tabs of the editor panes: one pane, or two side by side. Plain functions over a plain value.
import type { ProjectPath } from '../ipc/generated'

export type Pane = {
  tabs: readonly ProjectPath[]
  active: ProjectPath | null
  /** A tab that the next file takes the place of: it was only looked at. */
  preview: ProjectPath | null
}

export type Panes = { panes: readonly Pane[]; focused: number }

export const NO_TABS: Panes = { panes: [{ tabs: [], active: null, preview: null }], focused: 0 }

function change(all: Panes, index: number, change: (pane: Pane) => Pane): Panes {
  return { ...all, panes: all.panes.map((pane, i) => (i === index ? change(pane) : pane)) }
}

/** Shows a file in the focused pane; `keep` makes its tab stay. */
export function openTab(all: Panes, path: ProjectPath, keep: boolean): Panes {
  return change(all, all.focused, (pane) => {
    if (pane.tabs.includes(path)) {
      return { ...pane, active: path, preview: keep && pane.preview === path ? null : pane.preview }
    }
    const replaced = pane.preview
    const tabs =
      replaced === null ? [...pane.tabs, path] : pane.tabs.map((tab) => (tab === replaced ? path : tab))
    return { tabs, active: path, preview: keep ? null : path }
  })
}

/** Makes the tab of a file that is edited stay. */
export function keepTab(all: Panes, path: ProjectPath): Panes {
  if (!all.panes.some((pane) => pane.preview === path)) return all
  return { ...all, panes: all.panes.map((pane) => (pane.preview === path ? { ...pane, preview: null } : pane)) }
}

/** Closes a tab of a pane; the one beside it comes up. A second pane without tabs goes. */
export function closeTab(all: Panes, index: number, path: ProjectPath): Panes {
  const closed = change(all, index, (pane) => {
    const at = pane.tabs.indexOf(path)
    if (at < 0) return pane
    const tabs = pane.tabs.filter((tab) => tab !== path)
    const active = pane.active === path ? (tabs[at] ?? tabs[at - 1] ?? null) : pane.active
    return { tabs, active, preview: pane.preview === path ? null : pane.preview }
  })
  const panes = closed.panes.filter((pane, i) => pane.tabs.length > 0 || (i === 0 && closed.panes.length === 1))
  if (panes.length === closed.panes.length) return closed
  return panes.length === 0 ? NO_TABS : { panes, focused: 0 }
}

/** A file is gone, from all panes. */
export function dropFile(all: Panes, path: ProjectPath): Panes {
  let next = all
  for (let index = all.panes.length - 1; index >= 0; index -= 1) next = closeTab(next, index, path)
  return next
}

/** A file has another path. */
export function renameTab(all: Panes, from: ProjectPath, to: ProjectPath): Panes {
  const renamed = (path: ProjectPath): ProjectPath => (path === from ? to : path)
  return {
    ...all,
    panes: all.panes.map((pane) => ({
      tabs: pane.tabs.map(renamed),
      active: pane.active === null ? null : renamed(pane.active),
      preview: pane.preview === null ? null : renamed(pane.preview),
    })),
  }
}

export function moveTab(all: Panes, index: number, path: ProjectPath, to: number): Panes {
  return change(all, index, (pane) => {
    const rest = pane.tabs.filter((tab) => tab !== path)
    return { ...pane, tabs: [...rest.slice(0, to), path, ...rest.slice(to)] }
  })
}

/** Shows the active file in a second pane, or goes back to one. */
export function toggleSplit(all: Panes): Panes {
  const [first, second] = all.panes
  if (first === undefined) return NO_TABS
  if (second !== undefined) {
    const tabs = [...first.tabs, ...second.tabs.filter((tab) => !first.tabs.includes(tab))]
    return { panes: [{ ...first, tabs }], focused: 0 }
  }
  if (first.active === null) return all
  return { panes: [first, { tabs: [first.active], active: first.active, preview: null }], focused: 1 }
}
