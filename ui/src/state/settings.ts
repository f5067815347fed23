// What the author may choose. The application keeps it; the window's own part is checked here, since an older or
// newer Quire may have written it.
import { create } from 'zustand'
import type { ThemeChoice } from '../design/theme'
import { commands, type Settings } from '../ipc/generated'
import { tellError } from './attempt'

/** Which keys the editor follows. */
export type Keymap = 'default' | 'vim' | 'emacs'

/** The window's own settings. */
export type WindowSettings = {
  theme: ThemeChoice
  /** Scale of the whole window, 1 = 100 %. */
  scale: number
  keymap: Keymap
  /** Empty for the font that comes with the window. */
  editorFont: string
  /** In CSS pixels. */
  editorFontSize: number
  wordWrap: boolean
  lineNumbers: boolean
  /** Light text on dark pages. */
  darkPaper: boolean
  spellCheck: boolean
  /** Fractions of the window's width. */
  sidebarFraction: number
  editorFraction: number
  sidebarCollapsed: boolean
  previewCollapsed: boolean
  problemsFraction: number
  /** 'opened', 'name' or 'created'. */
  gallerySort: GallerySort
  /** The projects as a list instead of cards. */
  galleryList: boolean
}

/** How the gallery sorts projects. */
export type GallerySort = 'opened' | 'name' | 'created'

const DEFAULTS: WindowSettings = {
  theme: 'system',
  scale: 1,
  keymap: 'default',
  editorFont: '',
  editorFontSize: 14,
  wordWrap: true,
  lineNumbers: true,
  darkPaper: false,
  spellCheck: true,
  sidebarFraction: 0.18,
  editorFraction: 0.52,
  sidebarCollapsed: false,
  previewCollapsed: false,
  problemsFraction: 0.72,
  gallerySort: 'opened',
  galleryList: false,
}

type State = { application: Settings; window: WindowSettings; loaded: boolean }

export const useSettings = create<State>(() => ({
  application: { buildWhileTyping: true, buildOnSave: true, author: null, window: {} },
  window: DEFAULTS,
  loaded: false,
}))

/** The window's part, each value only if it has the type it should have. */
export function windowSettings(stored: Record<string, unknown>): WindowSettings {
  const known = Object.entries(DEFAULTS).map(([name, value]) => {
    const found = stored[name]
    return [name, typeof found === typeof value ? found : value]
  })
  return Object.fromEntries(known) as WindowSettings
}

/** Settings that came from the application. */
export function takeSettings(application: Settings): void {
  useSettings.setState({ application, window: windowSettings(application.window), loaded: true })
}

export async function loadSettings(): Promise<void> {
  takeSettings(await commands.getSettings())
}

let saving: ReturnType<typeof setTimeout> | undefined

function save(): void {
  clearTimeout(saving)
  // A pane that is dragged changes settings many times a second.
  saving = setTimeout(() => {
    const { application, window } = useSettings.getState()
    commands.setSettings({ settings: { ...application, window } }).catch((error: unknown) => {
      tellError(error, 'The settings could not be saved.')
    })
  }, 250)
}

export function changeWindow(change: Partial<WindowSettings>): void {
  useSettings.setState((state) => ({ window: { ...state.window, ...change } }))
  save()
}

export function changeApplication(change: Partial<Omit<Settings, 'window'>>): void {
  useSettings.setState((state) => ({ application: { ...state.application, ...change } }))
  save()
}
