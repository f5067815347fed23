// Which view the side bar shows.
import { create } from 'zustand'
import { changeWindow, useSettings } from '../../state/settings'

export type SidebarView = 'files' | 'outline' | 'search' | 'history' | 'review'

export const useSidebar = create<{ view: SidebarView }>(() => ({ view: 'files' }))

/** Shows a view, opening the side bar when it is closed. */
export function showSidebar(view: SidebarView): void {
  useSidebar.setState({ view })
  if (useSettings.getState().window.sidebarCollapsed) changeWindow({ sidebarCollapsed: false })
}
