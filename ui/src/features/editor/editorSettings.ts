// What an author can choose about the editor, and what Quire chose for everybody.
import type { Theme } from '../../design/theme'
import { monaco } from './monaco'
import { monacoTheme } from './theme'

/** The author's choices. */
export type EditorSettings = {
  /** In CSS pixels at 100 % scale. */
  fontSizePx: number
  /** A font that is installed; null: the window's monospace stack. */
  fontFamily: string | null
  /** As a multiple of the font size. */
  lineHeight: number
  wordWrap: boolean
  lineNumbers: 'on' | 'relative' | 'off'
  keys: 'default' | 'vim' | 'emacs'
  tabSize: number
  insertSpaces: boolean
  stickyScroll: boolean
  /** Pairs close by themselves. */
  autoClose: boolean
}

export const DEFAULT_EDITOR_SETTINGS: EditorSettings = {
  fontSizePx: 14,
  fontFamily: null,
  lineHeight: 1.6,
  wordWrap: true,
  lineNumbers: 'on',
  keys: 'default',
  tabSize: 2,
  insertSpaces: true,
  stickyScroll: true,
  autoClose: true,
}

/** Monaco's options. `scale` is the window's (1 = 100 %), `monospace` the stack that stands behind the chosen font. */
export function editorOptions(
  settings: EditorSettings,
  { scale, theme, monospace, label, readOnly }: { scale: number; theme: Theme; monospace: string; label: string; readOnly: boolean },
): monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions {
  const fontSize = Math.round(settings.fontSizePx * scale * 2) / 2
  return {
    theme: monacoTheme(theme),
    ariaLabel: label,
    readOnly,
    fontSize,
    fontFamily: settings.fontFamily === null ? monospace : `"${settings.fontFamily.replaceAll('"', '')}", ${monospace}`,
    lineHeight: Math.round(fontSize * settings.lineHeight),
    wordWrap: settings.wordWrap ? 'on' : 'off',
    lineNumbers: settings.lineNumbers,
    lineNumbersMinChars: 3,
    stickyScroll: { enabled: settings.stickyScroll, maxLineCount: 3, defaultModel: 'outlineModel' },
    autoClosingBrackets: settings.autoClose ? 'languageDefined' : 'never',
    autoClosingQuotes: settings.autoClose ? 'languageDefined' : 'never',
    autoSurround: 'languageDefined',
    autoIndent: 'full',
    linkedEditing: true,
    automaticLayout: true,
    fixedOverflowWidgets: true,
    minimap: { enabled: false },
    padding: { top: 12, bottom: 12 },
    scrollBeyondLastLine: true,
    smoothScrolling: false,
    cursorSurroundingLines: 2,
    renderLineHighlight: 'line',
    renderWhitespace: 'selection',
    guides: { indentation: true, bracketPairs: false },
    bracketPairColorization: { enabled: false },
    matchBrackets: 'always',
    occurrencesHighlight: 'off',
    selectionHighlight: true,
    folding: true,
    foldingHighlight: false,
    showFoldingControls: 'mouseover',
    // For the bulb where there is a cure.
    glyphMargin: true,
    lightbulb: { enabled: monaco.editor.ShowLightbulbIconMode.On },
    // In a shadow the menus would not find the theme's colours.
    useShadowDOM: false,
    wrappingIndent: 'same',
    overviewRulerBorder: false,
    scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
    links: true,
    dragAndDrop: true,
    multiCursorModifier: 'alt',
    // Prose is not code: the list opens at a backslash or brace, on Ctrl+Space, and a snippet unfolds on Tab.
    quickSuggestions: false,
    wordBasedSuggestions: 'off',
    tabCompletion: 'on',
    suggest: { showStatusBar: false, preview: false },
    snippetSuggestions: 'inline',
    find: { addExtraSpaceOnTop: false, seedSearchStringFromSelection: 'selection' },
    contextmenu: true,
    'semanticHighlighting.enabled': false,
  }
}
