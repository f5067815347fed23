// What Monaco does by itself while an author types: pairs, comments, indentation, folds, words.
import type { languages } from 'monaco-editor/editor/editor.api.js'

/** `\command` is one word, and so is `O'Neill`; hyphenated words are several. */
const LATEX_WORD = /\\(?:[a-zA-Z@]+\*?|.)|[\p{L}\p{N}\p{M}]+(?:['’][\p{L}\p{M}]+)*/u

/** `languages.IndentAction`, which would bring all of Monaco here. */
const [INDENT, INDENT_AND_OUTDENT] = [1, 2]

/** For LaTeX. Environments close in environmentClosing.ts, which knows their names. */
export const latexConfiguration: languages.LanguageConfiguration = {
  comments: { lineComment: '%' },
  wordPattern: LATEX_WORD,
  brackets: [
    ['{', '}'],
    ['[', ']'],
    ['(', ')'],
    [String.raw`\{`, String.raw`\}`],
    [String.raw`\[`, String.raw`\]`],
    [String.raw`\(`, String.raw`\)`],
  ],
  autoClosingPairs: [
    { open: String.raw`\left(`, close: String.raw`\right)` },
    { open: String.raw`\left[`, close: String.raw`\right]` },
    { open: String.raw`\left\{`, close: String.raw`\right\}` },
    { open: String.raw`\(`, close: String.raw`\)` },
    { open: String.raw`\[`, close: String.raw`\]` },
    { open: String.raw`\{`, close: String.raw`\}` },
    { open: '{', close: '}' },
    { open: '[', close: ']' },
    { open: '(', close: ')' },
    { open: '$', close: '$', notIn: ['comment', 'string'] },
    { open: '``', close: "''", notIn: ['comment', 'string'] },
  ],
  autoCloseBefore: ';:.,=}])>\\` \n\t$\'',
  surroundingPairs: [
    { open: '{', close: '}' },
    { open: '[', close: ']' },
    { open: '(', close: ')' },
    { open: '$', close: '$' },
    { open: '`', close: "'" },
    { open: '"', close: '"' },
  ],
  indentationRules: {
    increaseIndentPattern: /^(?!\s*%).*\\begin\{(?!document\})[^}]*\}(?!.*\\end\{)|^[^%]*\{\s*$|\\\[\s*$/,
    decreaseIndentPattern: /^\s*(?:\\end\{(?!document\})|\\\]|\})/,
  },
  onEnterRules: [
    // A comment that is parted stays one. Items go on in listEditing.ts.
    { beforeText: /^\s*%\s?\S.*$/, afterText: /\S/, action: { indentAction: 0, appendText: '% ' } },
  ],
  folding: { offSide: false, markers: { start: /^\s*%+\s*(?:region\b|<\*|\{\{\{)/, end: /^\s*%+\s*(?:endregion\b|<\/|\}\}\})/ } },
}

/** For BibTeX. */
export const bibtexConfiguration: languages.LanguageConfiguration = {
  comments: { lineComment: '%' },
  wordPattern: /@?[\p{L}\p{N}_:.+-]+/u,
  brackets: [
    ['{', '}'],
    ['(', ')'],
  ],
  autoClosingPairs: [
    { open: '{', close: '}' },
    { open: '(', close: ')' },
    { open: '"', close: '"' },
  ],
  surroundingPairs: [
    { open: '{', close: '}' },
    { open: '"', close: '"' },
  ],
  // Fields stand under their entry; between its braces Enter makes room for them.
  onEnterRules: [
    { beforeText: /^\s*@\s*\w+\s*[{(][^})]*$/, afterText: /^\s*[})]/, action: { indentAction: INDENT_AND_OUTDENT } },
    { beforeText: /^\s*@\s*\w+\s*[{(][^})]*$/, action: { indentAction: INDENT } },
  ],
  indentationRules: { increaseIndentPattern: /^\s*@\w+\s*[{(][^})]*$/, decreaseIndentPattern: /^\s*[})]/ },
}
