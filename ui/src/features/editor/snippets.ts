// Abbreviations that unfold into what an author writes every day. `$1`, `${2:text}` are tab stops, `$0` the last.

/** One abbreviation; `body` is in Monaco's snippet syntax. */
export type Snippet = { readonly prefix: string; readonly title: string; readonly body: string }

const environment = (name: string, inner = '$0', argument = '') => `\\begin{${name}}${argument}\n\t${inner}\n\\end{${name}}`

/** For LaTeX. They are offered at the start of a word, never behind a backslash: there commands are. */
export const LATEX_SNIPPETS: readonly Snippet[] = [
  { prefix: 'doc', title: 'New document', body: '\\documentclass{${1:article}}\n\n\\title{$2}\n\\author{$3}\n\n\\begin{document}\n\\maketitle\n\n$0\n\n\\end{document}' },
  { prefix: 'beg', title: 'Environment', body: '\\begin{${1:name}}\n\t$0\n\\end{${1:name}}' },
  { prefix: 'fig', title: 'Figure', body: environment('figure', '\\centering\n\t\\includegraphics[width=${1:0.8}\\linewidth]{${2:file}}\n\t\\caption{${3:Caption}}\n\t\\label{fig:${4:name}}', '[${5:tbp}]') + '\n$0' },
  { prefix: 'subfig', title: 'Two figures beside each other', body: environment('figure', '\\centering\n\t\\begin{subfigure}{0.48\\linewidth}\n\t\t\\includegraphics[width=\\linewidth]{${1:left}}\n\t\t\\caption{${2:Left}}\n\t\\end{subfigure}\\hfill\n\t\\begin{subfigure}{0.48\\linewidth}\n\t\t\\includegraphics[width=\\linewidth]{${3:right}}\n\t\t\\caption{${4:Right}}\n\t\\end{subfigure}\n\t\\caption{${5:Caption}}\n\t\\label{fig:${6:name}}', '[tbp]') + '\n$0' },
  { prefix: 'tab', title: 'Table', body: environment('table', '\\centering\n\t\\caption{${1:Caption}}\n\t\\label{tab:${2:name}}\n\t\\begin{tabular}{${3:lcr}}\n\t\t\\hline\n\t\t${4:a} & ${5:b} & ${6:c} \\\\\\\\\n\t\t\\hline\n\t\t$0\n\t\\end{tabular}', '[${7:tbp}]') },
  { prefix: 'tabular', title: 'Tabular', body: environment('tabular', '$0', '{${1:lll}}') },
  { prefix: 'eq', title: 'Equation', body: '\\begin{equation}\n\t$0\n\t\\label{eq:${1:name}}\n\\end{equation}' },
  { prefix: 'eqs', title: 'Equation without a number', body: environment('equation*') },
  { prefix: 'ali', title: 'Align', body: environment('align', '${1:a} &= ${2:b} \\\\\\\\\n\t$0') },
  { prefix: 'alis', title: 'Align without numbers', body: environment('align*', '${1:a} &= ${2:b} \\\\\\\\\n\t$0') },
  { prefix: 'gat', title: 'Gather', body: environment('gather') },
  { prefix: 'cases', title: 'Cases', body: environment('cases', '${1:0} & \\text{if } ${2:x < 0} \\\\\\\\\n\t${3:1} & \\text{otherwise}') },
  { prefix: 'mat', title: 'Matrix', body: environment('${1|pmatrix,bmatrix,vmatrix,matrix|}', '${2:a} & ${3:b} \\\\\\\\\n\t${4:c} & ${5:d}') },
  { prefix: 'frac', title: 'Fraction', body: '\\frac{${1:a}}{${2:b}}$0' },
  { prefix: 'sum', title: 'Sum', body: '\\sum_{${1:i = 1}}^{${2:n}} $0' },
  { prefix: 'int', title: 'Integral', body: '\\int_{${1:0}}^{${2:1}} ${3:f(x)} \\,\\mathrm{d}${4:x}$0' },
  { prefix: 'lim', title: 'Limit', body: '\\lim_{${1:n \\to \\infty}} $0' },
  { prefix: 'itm', title: 'Bulleted list', body: environment('itemize', '\\item $0') },
  { prefix: 'enum', title: 'Numbered list', body: environment('enumerate', '\\item $0') },
  { prefix: 'desc', title: 'Description list', body: environment('description', '\\item[${1:Term}] $0') },
  { prefix: 'item', title: 'Item', body: '\\item $0' },
  { prefix: 'part', title: 'Part', body: '\\part{$1}\n$0' },
  { prefix: 'cha', title: 'Chapter', body: '\\chapter{$1}\n\\label{ch:$2}\n\n$0' },
  { prefix: 'sec', title: 'Section', body: '\\section{$1}\n\\label{sec:$2}\n\n$0' },
  { prefix: 'sub', title: 'Subsection', body: '\\subsection{$1}\n\\label{sec:$2}\n\n$0' },
  { prefix: 'ssub', title: 'Subsubsection', body: '\\subsubsection{$1}\n$0' },
  { prefix: 'par', title: 'Paragraph', body: '\\paragraph{$1} $0' },
  { prefix: 'frame', title: 'Slide', body: '\\begin{frame}{${1:Title}}\n\t$0\n\\end{frame}' },
  { prefix: 'cols', title: 'Columns on a slide', body: '\\begin{columns}\n\t\\begin{column}{0.5\\textwidth}\n\t\t$1\n\t\\end{column}\n\t\\begin{column}{0.5\\textwidth}\n\t\t$0\n\t\\end{column}\n\\end{columns}' },
  { prefix: 'block', title: 'Block on a slide', body: environment('block', '$0', '{${1:Title}}') },
  { prefix: 'theorem', title: 'Theorem', body: environment('theorem', '\\label{thm:${1:name}}\n\t$0') },
  { prefix: 'lemma', title: 'Lemma', body: environment('lemma', '\\label{lem:${1:name}}\n\t$0') },
  { prefix: 'def', title: 'Definition', body: environment('definition', '\\label{def:${1:name}}\n\t$0') },
  { prefix: 'proof', title: 'Proof', body: environment('proof') },
  { prefix: 'abs', title: 'Abstract', body: environment('abstract') },
  { prefix: 'quote', title: 'Quotation', body: environment('quote') },
  { prefix: 'code', title: 'Code', body: environment('lstlisting', '$0', '[language=${1:Python}]') },
  { prefix: 'verb', title: 'Verbatim', body: environment('verbatim') },
  { prefix: 'mini', title: 'Minipage', body: environment('minipage', '$0', '{${1:0.5}\\linewidth}') },
  { prefix: 'center', title: 'Centred', body: environment('center') },
  { prefix: 'cite', title: 'Citation', body: '\\cite{$1}$0' },
  { prefix: 'ref', title: 'Reference', body: '\\ref{$1}$0' },
  { prefix: 'eqref', title: 'Reference to an equation', body: '\\eqref{$1}$0' },
  { prefix: 'lab', title: 'Label', body: '\\label{$1}$0' },
  { prefix: 'foot', title: 'Footnote', body: '\\footnote{$1}$0' },
  { prefix: 'emph', title: 'Emphasis', body: '\\emph{$1}$0' },
  { prefix: 'bf', title: 'Bold', body: '\\textbf{$1}$0' },
  { prefix: 'tt', title: 'Typewriter', body: '\\texttt{$1}$0' },
  { prefix: 'url', title: 'Address', body: '\\url{$1}$0' },
  { prefix: 'href', title: 'Link', body: '\\href{${1:address}}{${2:text}}$0' },
  { prefix: 'pkg', title: 'Use a package', body: '\\usepackage{$1}$0' },
  { prefix: 'inp', title: 'Input a file', body: '\\input{$1}$0' },
  { prefix: 'img', title: 'Picture', body: '\\includegraphics[width=${1:\\linewidth}]{${2:file}}$0' },
  { prefix: 'newc', title: 'New command', body: '\\newcommand{\\\\${1:name}}[${2:1}]{$0}' },
  { prefix: 'tikz', title: 'Drawing', body: environment('tikzpicture', '\\draw ($1) -- ($2);$0') },
]

const entry = (type: string, fields: readonly string[]) =>
  `@${type}{\${1:key},\n${fields.map((field, index) => `\t${field} = {$${index + 2}},`).join('\n')}\n}\n$0`

/** For BibTeX. */
export const BIBTEX_SNIPPETS: readonly Snippet[] = [
  { prefix: '@article', title: 'Article', body: entry('article', ['author', 'title', 'journal', 'year', 'volume', 'pages']) },
  { prefix: '@book', title: 'Book', body: entry('book', ['author', 'title', 'publisher', 'year']) },
  { prefix: '@inproceedings', title: 'Paper in proceedings', body: entry('inproceedings', ['author', 'title', 'booktitle', 'year', 'pages']) },
  { prefix: '@incollection', title: 'Chapter of a book', body: entry('incollection', ['author', 'title', 'booktitle', 'editor', 'publisher', 'year']) },
  { prefix: '@phdthesis', title: 'Thesis', body: entry('phdthesis', ['author', 'title', 'school', 'year']) },
  { prefix: '@online', title: 'Web page', body: entry('online', ['author', 'title', 'url', 'urldate', 'year']) },
  { prefix: '@misc', title: 'Anything else', body: entry('misc', ['author', 'title', 'howpublished', 'year']) },
]

/** The snippets that fit what stands before the cursor. */
export function snippetsFor(language: string, before: string): readonly Snippet[] {
  if (language === 'bibtex') return /^\s*@?\w*$/.test(before) ? BIBTEX_SNIPPETS : []
  if (language !== 'latex' && language !== 'latex-package') return []
  // Not inside a command's name or its argument's braces, where names are completed.
  return /(?:^|[\s$&({[])[a-zA-Z]+$/.test(before) && !/\\[a-zA-Z]+\*?(?:\[[^\]]*\])?\{[^{}]*$/.test(before) ? LATEX_SNIPPETS : []
}
