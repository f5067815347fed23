// The editor with a text of its own, and with 10,000 lines for measurements (?lines=10000).
import { useMemo } from 'react'
import * as Y from 'yjs'
import type { Theme } from '../design/theme'
import { EditorDocuments } from '../features/editor/documents'
import { EditorPane } from '../features/editor/EditorPane'
import { DEFAULT_EDITOR_SETTINGS, type EditorSettings } from '../features/editor/editorSettings'

const SAMPLE = String.raw`% !TEX root = main.tex
\documentclass[a4paper, 11pt]{article}
\usepackage{amsmath, graphicx}

\title{On Gathered Leaves}
\author{A. Binder}

\begin{document}
\maketitle

\section{Folding}
\label{sec:folding}

A quire of $n$ sheets gives $4n$ pages \cite[p.~12]{gaskell72}; see
Section~\ref{sec:sewing}. Only 50\,\% of binders agree. % to be checked

\begin{equation}
  p(n) = \sum_{k = 1}^{n} 4 \cdot \text{pages of sheet } k^2
  \label{eq:pages}
\end{equation}

\begin{itemize}
  \item Fold \emph{once}: folio.
  \item[b)] Fold twice: \textbf{quarto}.
\end{itemize}

\subsection{Creep of \textit{inner} sheets}

\begin{lstlisting}[language=Python]
def creep(n): return n * 0.1  # $not$ maths
\end{lstlisting}

\begin{figure}[tbp]
  \centering
  \includegraphics[width=0.8\linewidth]{figures/quire}
  \caption{A quire, seen from above.}
\end{figure}

\section{Sewing}
\label{sec:sewing}
Call \verb|\sew{}| and be patient.

\end{document}
`
const BIB = `@book{gaskell72,
  author    = {Gaskell, Philip},
  title     = {A New Introduction to {B}ibliography},
  publisher = "Clarendon" # " Press",
  year      = 1972,
}
`

function longSample(lines: number): string {
  const paragraph = SAMPLE.slice(SAMPLE.indexOf('\\section{Folding}'), SAMPLE.indexOf('\\end{document}')).split('\n')
  return Array.from({ length: lines }, (_, index) => paragraph[index % paragraph.length]).join('\n')
}

/** A pane with a sample; its text and model are on window for measurements. */
export function EditorSample({ theme, scale, query }: { theme: Theme; scale: number; query: URLSearchParams }) {
  const document = useMemo(() => {
    const doc = new Y.Doc()
    const text = doc.getText('text')
    const lines = Number(query.get('lines') ?? 0)
    const file = query.get('file') ?? 'main.tex'
    text.insert(0, lines > 0 ? longSample(lines) : file.endsWith('.bib') ? BIB : SAMPLE)
    const documents = new EditorDocuments({})
    const opened = documents.open(file, text)
    opened.setProblems(
      lines > 0 || file.endsWith('.bib') ? [] : [{ range: { start: { line: 14, column: 40 }, end: { line: 14, column: 62 } }, severity: 'warning', message: 'The entry gaskell72 is in no bibliography.' }],
    )
    Object.assign(window, { quireSample: { text, model: opened.model } })
    return opened
  }, [query])
  const keys = query.get('keys')
  const settings: EditorSettings = { ...DEFAULT_EDITOR_SETTINGS, keys: keys === 'vim' || keys === 'emacs' ? keys : 'default' }
  return <EditorPane document={document} pane="sample" settings={settings} theme={theme} scale={scale} />
}
