// LaTeX for Monarch. It knows what an author needs to see at a glance: structure, maths, names that refer to
// something, comments, code. What a command really takes is the parser's business (crates/latex-syntax).
// A mistake must not colour the rest of the file: what a paragraph cannot hold ends at an empty line, as in TeX.
import type { languages } from 'monaco-editor/editor/editor.api.js'

const MATHS_ENVIRONMENTS =
  'equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath|dgroup|darray|xalignat|xxalignat|IEEEeqnarray'
const VERBATIM_ENVIRONMENTS = 'verbatim|Verbatim|BVerbatim|LVerbatim|SaveVerbatim|alltt|lstlisting|minted|comment|filecontents|tcblisting'
const SECTIONS = 'part|chapter|section|subsection|subsubsection|paragraph|subparagraph|frametitle|framesubtitle|title|caption'
const REFERENCES = 'label|[a-zA-Z]*ref|[cC]refrange|hyperlink|hypertarget|gls|Gls|glspl|Glspl|acrshort|acrlong|acrfull|nocite|[a-zA-Z]*[cC]ite[a-zA-Z]*'
const FILES = 'input|include|subfile|includeonly|includegraphics|includepdf|lstinputlisting|inputminted|bibliography|bibliographystyle|addbibresource|graphicspath|import|subimport'
const PREAMBLE = 'documentclass|LoadClass|LoadClassWithOptions|usepackage|RequirePackage|RequirePackageWithOptions|ProvidesPackage|ProvidesClass|usetheme|usetikzlibrary|pgfplotsset'
const TEXT_IN_MATHS = 'text|textrm|textbf|textit|textsf|texttt|textnormal|mbox|hbox|fbox|intertext|shortintertext|tag'

const END = /(\\end)(\s*)(\{)([^{}\\%]*)(\})/

const regex = (source: string) => new RegExp(source, 'u')

/** The grammar; in packages and classes `@` is a letter, and expl3's names are one word. */
export function latexGrammar({ package: isPackage }: { package: boolean }): languages.IMonarchLanguage {
  const letter = isPackage ? 'a-zA-Z@' : 'a-zA-Z'
  const word = isPackage ? String.raw`(?:[cglsq]_[a-zA-Z_@]+|[a-zA-Z_@]+:[a-zA-Z]*|[a-zA-Z@]+)` : '[a-zA-Z]+'
  const command = (names: string) => String.raw`\\(?:${names})\*?(?![${letter}])`
  const commands: languages.IMonarchLanguageRule[] = [
    [regex(String.raw`\\${word}\*?`), 'command'],
    [/\\./, 'command'],
    [/\\$/, 'command'],
  ]
  const comments: languages.IMonarchLanguageRule[] = [
    [/%\s*!\s*(?:[tT][eE][xX]|BIB)\b.*$/, 'comment.magic'],
    [/%.*$/, 'comment'],
  ]
  const endOfParagraph: languages.IMonarchLanguageRule[] = [[/^\s*$/, { token: '', next: '@pop' }]]
  const environment: languages.IMonarchLanguageRule[] = [
    [
      regex(String.raw`(\\begin)(\s*)(\{)((?:${VERBATIM_ENVIRONMENTS})\*?)(\})`),
      ['structure', '', 'bracket', 'environment', { token: 'bracket', next: '@verbatim.$4' }],
    ],
    [
      regex(String.raw`(\\begin)(\s*)(\{)((?:${MATHS_ENVIRONMENTS})\*?)(\})`),
      ['structure', '', 'bracket', 'environment', { token: 'bracket', next: '@mathsEnvironment.$4' }],
    ],
    [
      /(\\begin)(\s*)(\{)([^{}\\%]*)(\})(\[)/,
      ['structure', '', 'bracket', 'environment', 'bracket', { token: 'bracket', next: '@optional' }],
    ],
    [/(\\(?:begin|end))(\s*)(\{)([^{}\\%]*)(\})/, ['structure', '', 'bracket', 'environment', 'bracket']],
    [regex(command('begin|end')), 'structure'],
  ]
  const inlineCode: languages.IMonarchLanguageRule[] = [
    [/(\\verb\*?)([^a-zA-Z\s*])(.*?)(\2)/, ['command', 'bracket', 'string.verbatim', 'bracket']],
    [/(\\(?:lstinline|mintinline)(?:\[[^\]]*\])?(?:\{[a-z]*\}(?=[^\s]))?)([^a-zA-Z\s*[{])(.*?)(\2)/, ['command', 'bracket', 'string.verbatim', 'bracket']],
    [/(\\(?:url|path|nolinkurl|href))(\s*)(\{)([^{}]*)(\})/, ['command', '', 'bracket', 'reference', 'bracket']],
  ]
  const named: languages.IMonarchLanguageRule[] = [
    [regex(command(PREAMBLE)), { token: 'structure', next: '@names' }],
    [regex(command(`${REFERENCES}|${FILES}`)), { token: 'command', next: '@names' }],
    [regex(command(SECTIONS)), { token: 'structure', next: '@titleArguments' }],
  ]
  const maths: languages.IMonarchLanguageRule[] = [
    [/\$\$/, { token: 'delimiter.maths', next: '@displayDollar' }],
    [/\$/, { token: 'delimiter.maths', next: '@inlineDollar' }],
    [/\\\(/, { token: 'delimiter.maths', next: '@inlineParenthesis' }],
    [/\\\[/, { token: 'delimiter.maths', next: '@displayBracket' }],
  ]
  const withOption: languages.IMonarchLanguageRule[] = [
    [regex(String.raw`(\\${word}\*?)(\[)`), ['command', { token: 'bracket', next: '@optional' }]],
    [/(\\\\\*?)(\[)/, ['command', { token: 'bracket', next: '@optional' }]],
  ]
  const inMaths = (closing: languages.IMonarchLanguageRule[]): languages.IMonarchLanguageRule[] => [
    [/[^\\%${}&^_#~\s]+/, 'maths'],
    [/\s+/, ''],
    ...closing,
    ...comments,
    [regex(String.raw`(\\(?:${TEXT_IN_MATHS})\*?)(\s*)(\{)`), ['command', '', { token: 'bracket', next: '@braced' }]],
    ...environment,
    [regex(command(REFERENCES)), { token: 'command', next: '@names' }],
    [regex(String.raw`\\${word}\*?`), 'command.maths'],
    [/\\./, 'command.maths'],
    [/\\$/, 'command.maths'],
    [/[{}]/, 'bracket'],
    [/[&^_#~]/, 'special'],
  ]
  return {
    defaultToken: '',
    tokenPostfix: '',
    unicode: true,
    tokenizer: {
      root: [
        [/[^\\%$&~#^_{}[\]]+/, ''],
        ...comments,
        ...environment,
        ...inlineCode,
        ...named,
        ...maths,
        ...withOption,
        ...commands,
        [/#+\d?|[&~^_]/, 'special'],
        [/[{}[\]]/, 'bracket'],
      ],
      verbatim: [
        [/[^\\]+/, 'string.verbatim'],
        [
          END,
          { cases: { '$4==$S2': { token: '@rematch', next: '@pop' }, '@default': 'string.verbatim' } },
        ],
        [/\\/, 'string.verbatim'],
      ],
      mathsEnvironment: inMaths([
        [END, { cases: { '$4==$S2': { token: '@rematch', next: '@pop' }, '@default': { token: '@rematch', next: '@innerEnd' } } }],
        [/\$/, 'special'],
      ]),
      // The end of an environment inside the maths environment, such as cases.
      innerEnd: [[END, ['structure', '', 'bracket', 'environment', { token: 'bracket', next: '@pop' }]]],
      displayDollar: inMaths([...endOfParagraph, [/\$\$/, { token: 'delimiter.maths', next: '@pop' }], [/\$/, 'special']]),
      inlineDollar: inMaths([...endOfParagraph, [/\$/, { token: 'delimiter.maths', next: '@pop' }]]),
      inlineParenthesis: inMaths([...endOfParagraph, [/\\\)/, { token: 'delimiter.maths', next: '@pop' }], [/\$/, 'special']]),
      displayBracket: inMaths([...endOfParagraph, [/\\\]/, { token: 'delimiter.maths', next: '@pop' }], [/\$/, 'special']]),
      // What follows \cite, \usepackage and their like: options, then names.
      names: [
        [/\s+/, ''],
        [/\[/, { token: 'bracket', next: '@optional' }],
        [/\{/, { token: 'bracket', switchTo: '@reference' }],
        [/./, { token: '@rematch', next: '@pop' }],
        ...endOfParagraph,
      ],
      reference: [
        ...endOfParagraph,
        [/[^{}%\\,\s]+/, 'reference'],
        [/\s+/, ''],
        [/,/, 'bracket'],
        ...comments,
        ...commands,
        [/\{/, { token: 'bracket', next: '@push' }],
        [/\}/, { token: 'bracket', next: '@pop' }],
      ],
      titleArguments: [
        [/\[/, { token: 'bracket', next: '@optional' }],
        [/\{/, { token: 'bracket', switchTo: '@title' }],
        [/./, { token: '@rematch', next: '@pop' }],
        ...endOfParagraph,
      ],
      title: [
        ...endOfParagraph,
        [/[^\\%${}~]+/, 'title'],
        ...comments,
        ...inlineCode,
        ...named,
        ...maths,
        ...commands,
        [/\{/, { token: 'bracket', next: '@push' }],
        [/\}/, { token: 'bracket', next: '@pop' }],
        [/~/, 'special'],
      ],
      optional: [
        ...endOfParagraph,
        [/[^\\%${}[\],=#]+/, 'optional'],
        [/[,=]/, 'bracket'],
        [/\]/, { token: 'bracket', next: '@pop' }],
        [/\[/, { token: 'bracket', next: '@push' }],
        ...comments,
        ...maths,
        ...commands,
        [/#+\d?/, 'special'],
        [/\{/, { token: 'bracket', next: '@braced' }],
        [/\}/, { token: '@rematch', next: '@pop' }],
      ],
      // Text in braces inside maths or options.
      braced: [
        ...endOfParagraph,
        [/[^\\%${}&~#^_]+/, ''],
        ...comments,
        ...inlineCode,
        ...named,
        ...maths,
        ...commands,
        [/\{/, { token: 'bracket', next: '@push' }],
        [/\}/, { token: 'bracket', next: '@pop' }],
        [/#+\d?|[&~^_]/, 'special'],
      ],
    },
  }
}
