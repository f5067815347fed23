// Which view the side bar shows.
import { create } from 'zustand'

export type SidebarView = 'files' | 'outline' | 'search' | 'history'

export const useSidebar = create<{ view: SidebarView }>(() => ({ view: 'files' }))
