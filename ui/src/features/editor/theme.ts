// Monaco's colours, read from the design tokens: one source for the window and the text in it.
import type { Theme } from '../../design/theme'
import { monaco } from './monaco'

/** Which token colours which kind of text of the grammars, and how it is set. */
const RULES: readonly [scope: string, token: string, style?: string][] = [
  ['command', '--syntax-command'],
  ['command.maths', '--syntax-maths'],
  ['structure', '--syntax-structure'],
  ['environment', '--syntax-environment', 'bold'],
  ['title', '--ink', 'bold'],
  ['maths', '--syntax-maths'],
  ['delimiter.maths', '--syntax-maths', 'bold'],
  ['reference', '--syntax-reference'],
  ['comment', '--syntax-comment', 'italic'],
  ['comment.magic', '--syntax-magic'],
  ['string.verbatim', '--syntax-verbatim'],
  ['string', '--ink'],
  ['variable', '--syntax-structure'],
  ['bracket', '--syntax-bracket'],
  ['optional', '--syntax-optional'],
  ['number', '--syntax-number'],
  ['special', '--syntax-special'],
]

const COLOURS: Readonly<Record<string, string>> = {
  'editor.background': '--paper-editor',
  'editor.foreground': '--ink',
  'editorLineNumber.foreground': '--editor-gutter',
  'editorLineNumber.activeForeground': '--ink',
  'editorCursor.foreground': '--accent',
  'editor.selectionBackground': '--selection',
  'editor.inactiveSelectionBackground': '--selection-weak',
  'editor.selectionHighlightBackground': '--selection-weak',
  'editor.wordHighlightBackground': '--selection-weak',
  'editor.wordHighlightStrongBackground': '--selection-weak',
  'editor.findMatchBackground': '--editor-match',
  'editor.findMatchHighlightBackground': '--editor-match-other',
  'editor.lineHighlightBackground': '--editor-line',
  'editorIndentGuide.background1': '--rule',
  'editorIndentGuide.activeBackground1': '--rule-strong',
  'editorBracketMatch.background': '--accent-soft',
  'editorBracketMatch.border': '--accent',
  'editorWidget.background': '--paper-raised',
  'editorWidget.foreground': '--ink',
  'editorWidget.border': '--rule-strong',
  'editorHoverWidget.background': '--paper-raised',
  'editorHoverWidget.border': '--rule-strong',
  'editorSuggestWidget.background': '--paper-raised',
  'editorSuggestWidget.border': '--rule-strong',
  'editorSuggestWidget.foreground': '--ink',
  'editorSuggestWidget.selectedBackground': '--accent-soft',
  'editorSuggestWidget.selectedForeground': '--accent-text',
  'editorSuggestWidget.highlightForeground': '--accent-text',
  'editorSuggestWidget.focusHighlightForeground': '--accent-text',
  'list.hoverBackground': '--paper-sunken',
  'list.focusBackground': '--accent-soft',
  'list.highlightForeground': '--accent-text',
  'input.background': '--paper-raised',
  'input.foreground': '--ink',
  'input.border': '--control-edge',
  'inputValidation.infoBackground': '--paper-raised',
  'inputValidation.infoForeground': '--ink',
  'inputValidation.infoBorder': '--rule-strong',
  'inputValidation.errorBackground': '--danger-soft',
  'inputValidation.errorForeground': '--ink',
  'inputValidation.errorBorder': '--danger',
  'inputOption.activeBackground': '--accent-soft',
  'inputOption.activeForeground': '--accent-text',
  'inputOption.activeBorder': '--accent',
  focusBorder: '--accent',
  'editorError.foreground': '--danger',
  'editorWarning.foreground': '--warning',
  'editorInfo.foreground': '--info',
  'editorHint.foreground': '--ink-3',
  'editorLink.activeForeground': '--accent-text',
  'textLink.foreground': '--accent-text',
  'editorStickyScroll.background': '--paper-editor',
  'editorStickyScroll.border': '--rule',
  'editorStickyScrollHover.background': '--editor-line',
  'editorGutter.foldingControlForeground': '--ink-3',
  'editor.foldBackground': '--editor-line',
  'editorWhitespace.foreground': '--rule-strong',
  'menu.background': '--paper-raised',
  'menu.foreground': '--ink',
  'menu.selectionBackground': '--accent-soft',
  'menu.selectionForeground': '--accent-text',
  'menu.separatorBackground': '--rule',
  'menu.border': '--rule-strong',
  'quickInput.background': '--paper-raised',
  'quickInput.foreground': '--ink',
  'quickInputList.focusBackground': '--accent-soft',
  'quickInputList.focusForeground': '--accent-text',
  'peekView.border': '--accent',
  'peekViewTitle.background': '--paper-sunken',
  'peekViewEditor.background': '--paper-editor',
  'peekViewResult.background': '--paper-sunken',
  'peekViewResult.selectionBackground': '--accent-soft',
  'peekViewResult.selectionForeground': '--accent-text',
  'peekViewResult.lineForeground': '--ink-2',
  'peekViewResult.fileForeground': '--ink',
  'peekViewResult.matchHighlightBackground': '--editor-match',
  'peekViewEditor.matchHighlightBackground': '--editor-match',
  'peekViewTitleLabel.foreground': '--ink',
  'peekViewTitleDescription.foreground': '--ink-3',
  'badge.background': '--pressed',
  'badge.foreground': '--ink-2',
  'editorLightBulb.foreground': '--warning',
  'editorLightBulbAutoFix.foreground': '--warning',
  'editorMarkerNavigation.background': '--paper-raised',
  'editorMarkerNavigationError.background': '--danger',
  'editorMarkerNavigationWarning.background': '--warning',
  'editorMarkerNavigationInfo.background': '--info',
  'editorActionList.background': '--paper-raised',
  'editorActionList.foreground': '--ink',
  'editorActionList.focusBackground': '--accent-soft',
  'editorActionList.focusForeground': '--accent-text',
  'icon.foreground': '--ink-2',
  'scrollbarSlider.background': '--scrollbar',
  'scrollbarSlider.hoverBackground': '--scrollbar-hover',
  'scrollbarSlider.activeBackground': '--scrollbar-hover',
  'scrollbar.shadow': '--scrollbar',
  'widget.shadow': '--scrollbar',
}

/** Monaco's name of a theme. */
export function monacoTheme(theme: Theme): string {
  return `quire-${theme}`
}

let defined = false

/** Makes both themes from tokens.css; once. */
export function defineThemes(): void {
  if (defined) return
  defined = true
  for (const theme of ['light', 'dark'] as const) {
    const probe = document.createElement('div')
    probe.dataset['theme'] = theme
    document.body.append(probe)
    const style = getComputedStyle(probe)
    const token = (name: string) => style.getPropertyValue(name).trim()
    monaco.editor.defineTheme(monacoTheme(theme), {
      base: theme === 'light' ? 'vs' : 'vs-dark',
      inherit: true,
      rules: RULES.map(([scope, name, fontStyle]) => ({
        token: scope,
        foreground: token(name).slice(1),
        ...(fontStyle === undefined ? {} : { fontStyle }),
      })),
      colors: Object.fromEntries(Object.entries(COLOURS).map(([colour, name]) => [colour, token(name)]).filter(([, value]) => value !== '')),
    })
    probe.remove()
  }
}
