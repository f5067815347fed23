// BibTeX for Monarch: entries, fields, strings, numbers; what stands outside of entries is a comment, as for BibTeX.
import type { languages } from 'monaco-editor/editor/editor.api.js'

/** The grammar. A new entry at the start of a line ends one that was left open. */
export function bibtexGrammar(): languages.IMonarchLanguage {
  const nextEntry: languages.IMonarchLanguageRule = [/^\s*@(?=\s*[a-zA-Z]+\s*[{(])/, { token: '@rematch', next: '@popall' }]
  return {
    defaultToken: '',
    tokenPostfix: '',
    ignoreCase: true,
    tokenizer: {
      root: [
        [/@\s*comment\b/, { token: 'comment', next: '@ignored' }],
        [/(@\s*(?:string|preamble))(\s*)([{(])/, ['structure', '', { token: 'bracket', next: '@fields' }]],
        [/(@\s*[a-z]+)(\s*)([{(])(\s*)([^\s,{}()=]*)/, ['structure', '', 'bracket', '', { token: 'reference', next: '@fields' }]],
        [/@/, 'comment'],
        [/[^@]+/, 'comment'],
      ],
      ignored: [
        nextEntry,
        [/[^{}]+/, 'comment'],
        [/\{/, { token: 'comment', switchTo: '@ignoredBraces' }],
        [/\}/, { token: 'comment', next: '@pop' }],
      ],
      ignoredBraces: [
        [/[^{}]+/, 'comment'],
        [/\{/, { token: 'comment', next: '@push' }],
        [/\}/, { token: 'comment', next: '@pop' }],
      ],
      fields: [
        nextEntry,
        [/\s+/, ''],
        [/[^\s=,{}()"#%]+(?=\s*=)/, 'command'],
        [/[^\s=,{}()"#%]+(?=\s*(?:,|$))/, 'reference'],
        [/=/, { token: 'bracket', next: '@value' }],
        [/["{]/, { token: '@rematch', next: '@value' }],
        [/,/, 'bracket'],
        [/[})]/, { token: 'bracket', next: '@pop' }],
        [/%.*$/, 'comment'],
        [/./, ''],
      ],
      value: [
        nextEntry,
        [/\s+/, ''],
        [/\{/, { token: 'bracket', next: '@braced' }],
        [/"/, { token: 'bracket', next: '@quoted' }],
        [/\d+/, 'number'],
        [/#/, 'special'],
        [/[a-z][\w:+-]*/, 'variable'],
        [/,/, { token: 'bracket', next: '@pop' }],
        [/[})]/, { token: '@rematch', next: '@pop' }],
        [/./, ''],
      ],
      braced: [
        nextEntry,
        [/[^{}\\$]+/, 'string'],
        [/\\(?:[a-z]+|.)/, 'command.maths'],
        [/\$[^${}]*\$/, 'maths'],
        [/[$\\]/, 'string'],
        [/\{/, { token: 'bracket', next: '@push' }],
        [/\}/, { token: 'bracket', next: '@pop' }],
      ],
      quoted: [
        nextEntry,
        [/[^{}"\\$]+/, 'string'],
        [/\\(?:[a-z]+|.)/, 'command.maths'],
        [/\$[^${}"]*\$/, 'maths'],
        [/[$\\}]/, 'string'],
        [/\{/, { token: 'bracket', next: '@braced' }],
        [/"/, { token: 'bracket', next: '@pop' }],
      ],
    },
  }
}
