// All commands of the window, once: the palette shows them, shortcuts.ts listens for their keys.
import type { IconName } from '../../design/Icon'
import type { PaletteItem } from '../../design/palette'
import { openPreviewWindow, openWindow } from '../../ipc/system'
import { attempt } from '../../state/attempt'
import { openDialog, openSettings } from '../../state/dialogs'
import { type ExportKind, exportProject } from '../../state/exchange'
import { activeCursor } from '../../state/cursor'
import { buildWith, clearBuilds, ENGINES } from '../../state/engines'
import {
  buildNow,
  cancelBuild,
  closeActiveFile,
  leaveProject,
  showBottom,
  showOnPage,
  splitEditor,
  useProject,
} from '../../state/project'
import { saveNow } from '../../state/projectSettings'
import { follow } from '../../state/sharing'
import { changeWindow, useSettings } from '../../state/settings'
import { useSearch } from '../../features/search/searchStore'
import { showWordCount } from '../../features/words/wordCount'
import { COMMENT_SHORTCUT } from '../../features/discussion/CommentsView'
import { SUGGEST_SHORTCUT } from '../../features/discussion/SuggestionsView'
import { focusedEditor } from './commands'
import { openPalette } from './palette'
import { moveToPart } from './parts'
import { commentOnSelection, decide, goToComment, goToNextSuggestion, showReview, suggestionsHere } from './review'
import { acceptAll, rejectAll, toggleSuggesting } from './suggesting'
import { showSidebar } from './sidebarView'
import { whoWroteSelection } from './whoWrote'

/** A command of the window. */
export type WindowCommand = {
  id: string
  label: string
  group: string
  icon?: IconName
  /** As in design/shortcut.ts. */
  shortcut?: string
  run: () => void
}

const toggle = (name: 'sidebarCollapsed' | 'previewCollapsed' | 'wordWrap' | 'darkPaper' | 'spellCheck') => () =>
  changeWindow({ [name]: !useSettings.getState().window[name] })

function zoom(by: number): void {
  const { scale } = useSettings.getState().window
  changeWindow({ scale: by === 0 ? 1 : Math.min(2.5, Math.max(0.7, Math.round((scale + by) * 10) / 10)) })
}

const exported = (kind: ExportKind) => () => {
  const open = useProject.getState().open
  if (open !== null) void exportProject(kind, open.id, open.name)
}

/** Shows the search; a selection of one line is looked for. */
function findInProject(replaces: boolean): void {
  const selected = focusedEditor()?.selectedText() ?? ''
  const wanted = selected !== '' && !selected.includes('\n') ? { text: selected } : {}
  useSearch.setState((state) => ({ ...wanted, replaces: replaces || state.replaces, focusWish: state.focusWish + 1 }))
  showSidebar('search')
}

export const WINDOW_COMMANDS: readonly WindowCommand[] = [
  { id: 'save', label: 'Save', group: 'Document', icon: 'save', shortcut: 'Mod+S', run: () => void saveNow() },
  { id: 'build', label: 'Build', group: 'Document', icon: 'play', shortcut: 'Mod+Enter', run: () => void buildNow() },
  { id: 'build-clean', label: 'Build from nothing', group: 'Document', icon: 'refresh', run: () => void buildNow(true) },
  ...ENGINES.map(({ engine, name }): WindowCommand => ({ id: `build-${engine}`, label: `Build with ${name}`, group: 'Document', icon: 'play', run: () => void buildWith(engine) })),
  { id: 'build-clear', label: 'Clear what builds left', group: 'Document', icon: 'trash', run: () => void clearBuilds() },
  { id: 'build-stop', label: 'Stop the build', group: 'Document', icon: 'stop', run: () => void cancelBuild() },
  {
    id: 'to-page',
    label: 'Show this line on the page',
    group: 'Document',
    icon: 'locate',
    shortcut: 'Mod+Alt+J',
    run: () => {
      const cursor = activeCursor()
      if (cursor !== null) void showOnPage(cursor.path, cursor.line)
    },
  },
  {
    id: 'pages-window',
    label: 'Show the pages in a window of their own',
    group: 'Document',
    icon: 'external',
    run: () => {
      const open = useProject.getState().open
      if (open !== null) void attempt(() => openPreviewWindow(open.id, `${open.name} — pages`))
    },
  },
  {
    id: 'new-window',
    label: 'New window on this project',
    group: 'View',
    icon: 'external',
    shortcut: 'Mod+Shift+N',
    run: () => {
      const open = useProject.getState().open
      if (open !== null) void attempt(() => openWindow(open.id))
    },
  },
  { id: 'export-pdf', label: 'Export the PDF', group: 'Project', icon: 'file-pdf', run: exported('pdf') },
  { id: 'export-zip', label: 'Export all files as zip', group: 'Project', icon: 'download', run: exported('zip') },
  { id: 'export-source', label: 'Export the sources as one file', group: 'Project', icon: 'file-code', run: exported('source') },
  { id: 'file-trash', label: 'Deleted files', group: 'Project', icon: 'trash', run: () => openDialog({ type: 'trash' }) },
  { id: 'share', label: 'Share this project', group: 'Project', icon: 'people', run: () => openDialog({ type: 'share' }) },
  { id: 'open-relay', label: 'Open from a relay', group: 'Project', icon: 'folder-open', run: () => openDialog({ type: 'relay' }) },
  { id: 'join', label: 'Join by link', group: 'Project', icon: 'link', run: () => openDialog({ type: 'join' }) },
  { id: 'unfollow', label: 'Follow nobody', group: 'Go to', icon: 'eye', run: () => follow(null) },
  { id: 'project-settings', label: 'Settings of this project', group: 'Project', icon: 'settings', run: () => openSettings('project') },
  { id: 'settings', label: 'Settings', group: 'View', icon: 'settings', shortcut: 'Mod+,', run: () => openSettings() },
  { id: 'go-file', label: 'Go to file', group: 'Go to', icon: 'file', shortcut: 'Mod+P', run: () => openPalette('files') },
  { id: 'go-line', label: 'Go to line', group: 'Go to', icon: 'list', shortcut: 'Ctrl+G', run: () => openPalette('line') },
  { id: 'go-symbol', label: 'Go to section, label or command', group: 'Go to', icon: 'label', shortcut: 'Mod+Shift+O', run: () => openPalette('symbols') },
  { id: 'next-problem', label: 'Next problem', group: 'Go to', icon: 'warning', run: () => focusedEditor()?.run('editor.action.marker.nextInFiles') },
  { id: 'definition', label: 'Go to definition', group: 'Go to', run: () => focusedEditor()?.run('editor.action.revealDefinition') },
  { id: 'references', label: 'Show all references', group: 'Go to', run: () => focusedEditor()?.run('editor.action.goToReferences') },
  { id: 'next-part', label: 'Next part of the window', group: 'Go to', icon: 'panel-right', shortcut: 'F6', run: () => moveToPart(1) },
  { id: 'previous-part', label: 'Previous part of the window', group: 'Go to', icon: 'panel-left', shortcut: 'Shift+F6', run: () => moveToPart(-1) },
  { id: 'commands', label: 'All commands', group: 'Go to', shortcut: 'Mod+Shift+P', run: () => openPalette('commands') },
  { id: 'gallery', label: 'All projects', group: 'Go to', icon: 'grid', run: () => void leaveProject() },
  { id: 'find', label: 'Find in this file', group: 'Edit', icon: 'search', run: () => focusedEditor()?.run('actions.find') },
  { id: 'replace', label: 'Replace in this file', group: 'Edit', icon: 'replace', run: () => focusedEditor()?.run('editor.action.startFindReplaceAction') },
  {
    id: 'find-in-project',
    label: 'Find in project',
    group: 'Edit',
    icon: 'search',
    shortcut: 'Mod+Shift+F',
    run: () => findInProject(false),
  },
  { id: 'replace-in-project', label: 'Replace in project', group: 'Edit', icon: 'replace', shortcut: 'Mod+Shift+H', run: () => findInProject(true) },
  { id: 'rename', label: 'Rename label, citation or command', group: 'Edit', icon: 'pencil', run: () => focusedEditor()?.run('editor.action.rename') },
  { id: 'quick-fix', label: 'Quick fix', group: 'Edit', icon: 'lightbulb', run: () => focusedEditor()?.run('editor.action.quickFix') },
  { id: 'spell-check', label: 'Check spelling while typing', group: 'Edit', icon: 'spelling', run: toggle('spellCheck') },
  { id: 'words', label: 'Count words', group: 'Document', icon: 'list', run: () => showWordCount(true) },
  { id: 'comment', label: 'Comment out, or in', group: 'Edit', run: () => focusedEditor()?.run('editor.action.commentLine') },
  { id: 'who-wrote', label: 'Who wrote this', group: 'Review', icon: 'people', run: whoWroteSelection },
  { id: 'comment-on', label: 'Comment on the selection', group: 'Review', icon: 'comment-new', shortcut: COMMENT_SHORTCUT, run: () => void commentOnSelection() },
  { id: 'next-comment', label: 'Next comment', group: 'Review', icon: 'comment', run: () => goToComment(1) },
  { id: 'previous-comment', label: 'Previous comment', group: 'Review', icon: 'comment', run: () => goToComment(-1) },
  { id: 'show-comments', label: 'Comments', group: 'Review', icon: 'comment', run: () => showReview('comments') },
  { id: 'suggest', label: 'Suggest changes instead of making them', group: 'Review', icon: 'suggest', shortcut: SUGGEST_SHORTCUT, run: () => void toggleSuggesting() },
  { id: 'next-suggestion', label: 'Next suggestion', group: 'Review', icon: 'suggest', shortcut: 'Mod+F8', run: () => goToNextSuggestion(1) },
  { id: 'previous-suggestion', label: 'Previous suggestion', group: 'Review', icon: 'suggest', shortcut: 'Mod+Shift+F8', run: () => goToNextSuggestion(-1) },
  { id: 'accept', label: 'Accept the suggestion and go on', group: 'Review', icon: 'check', shortcut: 'Mod+Alt+Enter', run: () => void decide(true) },
  { id: 'reject', label: 'Reject the suggestion and go on', group: 'Review', icon: 'close', shortcut: 'Mod+Alt+Backspace', run: () => void decide(false) },
  { id: 'accept-here', label: 'Accept all suggestions in this file', group: 'Review', icon: 'check', run: () => void acceptAll(suggestionsHere()) },
  { id: 'reject-here', label: 'Reject all suggestions in this file', group: 'Review', icon: 'close', run: () => void rejectAll(suggestionsHere()) },
  { id: 'show-suggestions', label: 'Suggestions', group: 'Review', icon: 'suggest', run: () => showReview('suggestions') },
  { id: 'show-chat', label: 'Chat', group: 'Review', icon: 'people', run: () => showReview('chat') },
  { id: 'fold-all', label: 'Fold everything', group: 'Edit', run: () => focusedEditor()?.run('editor.foldAll') },
  { id: 'unfold-all', label: 'Unfold everything', group: 'Edit', run: () => focusedEditor()?.run('editor.unfoldAll') },
  {
    id: 'close-file',
    label: 'Close this file',
    group: 'View',
    icon: 'close',
    shortcut: 'Mod+W',
    run: closeActiveFile,
  },
  { id: 'show-files', label: 'Files', group: 'View', icon: 'folder', shortcut: 'Mod+Shift+E', run: () => showSidebar('files') },
  { id: 'show-outline', label: 'Outline', group: 'View', icon: 'outline', run: () => showSidebar('outline') },
  { id: 'show-history', label: 'History of this file', group: 'View', icon: 'history', run: () => showSidebar('history') },
  { id: 'split', label: 'Split the editor', group: 'View', icon: 'columns', shortcut: 'Mod+\\', run: splitEditor },
  { id: 'sidebar', label: 'Side bar', group: 'View', icon: 'panel-left', shortcut: 'Mod+B', run: toggle('sidebarCollapsed') },
  { id: 'pages', label: 'Pages beside the editor', group: 'View', icon: 'panel-right', run: toggle('previewCollapsed') },
  {
    id: 'bottom',
    label: 'Problems and log',
    group: 'View',
    icon: 'panel-bottom',
    shortcut: 'Mod+J',
    run: () => showBottom(useProject.getState().open?.bottom === null ? 'problems' : null),
  },
  { id: 'wrap', label: 'Wrap long lines', group: 'View', icon: 'wrap', shortcut: 'Alt+Z', run: toggle('wordWrap') },
  { id: 'dark-paper', label: 'Dark paper', group: 'View', icon: 'moon', run: toggle('darkPaper') },
  { id: 'light', label: 'Light theme', group: 'View', icon: 'sun', run: () => changeWindow({ theme: 'light' }) },
  { id: 'dark', label: 'Dark theme', group: 'View', icon: 'moon', run: () => changeWindow({ theme: 'dark' }) },
  { id: 'system-theme', label: 'Theme of the system', group: 'View', run: () => changeWindow({ theme: 'system' }) },
  { id: 'larger', label: 'Larger window contents', group: 'View', icon: 'zoom-in', run: () => zoom(0.1) },
  { id: 'smaller', label: 'Smaller window contents', group: 'View', icon: 'zoom-out', run: () => zoom(-0.1) },
  { id: 'normal', label: 'Window contents at 100 %', group: 'View', run: () => zoom(0) },
  { id: 'vim', label: 'Vim keys', group: 'Keys', icon: 'keyboard', run: () => changeWindow({ keymap: 'vim' }) },
  { id: 'emacs', label: 'Emacs keys', group: 'Keys', icon: 'keyboard', run: () => changeWindow({ keymap: 'emacs' }) },
  { id: 'default-keys', label: 'Default keys', group: 'Keys', icon: 'keyboard', run: () => changeWindow({ keymap: 'default' }) },
]

/** In this order the palette shows them. */
const GROUPS = ['Document', 'Edit', 'Review', 'Go to', 'View', 'Project', 'Keys']

/** For the palette: each group in one piece. */
export function paletteCommands(): PaletteItem[] {
  return GROUPS.flatMap((group) => WINDOW_COMMANDS.filter((command) => command.group === group)).map((command) => ({ ...command }))
}
