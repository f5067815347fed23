// \begin and \end in the lines of a text: which belong together, what folds. Pure and tolerant: a text that is
// being written is seldom complete. Lines and columns count from 1, columns in UTF-16 units, as in Monaco.

/** Lines by number, from 1. */
export type Lines = { readonly count: number; line(number: number): string }

/** One `\begin{name}` or `\end{name}`; the columns are those of the name. */
export type EnvironmentTag = { kind: 'begin' | 'end'; name: string; line: number; startColumn: number; endColumn: number }

/** Farther than this nobody looks for the other end: it bounds what a cursor move may cost. */
const PARTNER_LIMIT_LINES = 20_000
const TAG = /\\(begin|end)\s*\{([^{}\\%]*)\}/g

/** What of a line TeX reads: the part before an unescaped `%`. */
export function withoutComment(line: string): string {
  for (let at = line.indexOf('%'); at !== -1; at = line.indexOf('%', at + 1)) {
    let slashes = 0
    while (line[at - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return line.slice(0, at)
  }
  return line
}

/** The tags of a line, left to right. */
export function tagsOf(text: string, line: number): EnvironmentTag[] {
  if (!text.includes('\\begin') && !text.includes('\\end')) return []
  const tags: EnvironmentTag[] = []
  for (const match of withoutComment(text).matchAll(TAG)) {
    const [whole, kind, name = ''] = match
    const endColumn = match.index + whole.length
    tags.push({ kind: kind === 'begin' ? 'begin' : 'end', name, line, startColumn: endColumn - name.length, endColumn })
  }
  return tags
}

/** The tag that a place is in, from its backslash to its brace. */
export function tagAt(lines: Lines, line: number, column: number): EnvironmentTag | null {
  return tagsOf(lines.line(line), line).find((tag) => column >= tag.startColumn - tag.kind.length - 2 && column <= tag.endColumn + 1) ?? null
}

/** The other end of an environment, or null where it is missing. */
export function partnerOf(lines: Lines, tag: EnvironmentTag): EnvironmentTag | null {
  const step = tag.kind === 'begin' ? 1 : -1
  let depth = 0
  for (let moved = 0; moved < PARTNER_LIMIT_LINES; moved += 1) {
    const number = tag.line + step * moved
    if (number < 1 || number > lines.count) return null
    const tags = tagsOf(lines.line(number), number).filter(
      (other) =>
        other.name === tag.name &&
        (number !== tag.line || (step === 1 ? other.startColumn >= tag.startColumn : other.startColumn <= tag.startColumn)),
    )
    for (const other of step === 1 ? tags : tags.toReversed()) {
      depth += other.kind === tag.kind ? 1 : -1
      if (depth === 0) return other
    }
  }
  return null
}

/** Whether more environments of this name begin than end. */
export function isLeftOpen(lines: Lines, name: string): boolean {
  let depth = 0
  for (let number = 1; number <= lines.count; number += 1) {
    for (const tag of tagsOf(lines.line(number), number)) {
      if (tag.name === name) depth += tag.kind === 'begin' ? 1 : -1
    }
  }
  return depth > 0
}

/** What to put after the cursor so that the environment which begins before it ends, or null. `before` and `after`
    are the halves of the line that the cursor parts; for a new line, `before` is the line that it was made from. */
export function closingFor(lines: Lines, before: string, after: string): string | null {
  if (after.trim() !== '' && after.trim() !== '}') return null
  const match = /^(\s*).*\\begin\s*\{([^{}\\%\s]+)\}(?:\[[^\]]*\]|\{[^{}]*\})*\s*$/.exec(before)
  if (match === null || withoutComment(before) !== before) return null
  const [, indent = '', name = ''] = match
  return isLeftOpen(lines, name) ? `\n${indent}\\end{${name}}` : null
}

/** A heading, `level` 0 for parts to 6 for subparagraphs. */
export type Heading = { level: number; title: string; line: number; lastLine: number }

const LEVELS: Readonly<Record<string, number>> = {
  part: 0, chapter: 1, section: 2, subsection: 3, subsubsection: 4, paragraph: 5, subparagraph: 6,
}
const HEADING = /\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*(?:\[[^\]]*\])?\s*\{/

/** The headings with the last line of what each holds. */
export function headingsOf(lines: Lines): Heading[] {
  const headings: Heading[] = []
  const open: Heading[] = []
  const close = (level: number, lastLine: number) => {
    while ((open.at(-1)?.level ?? -1) >= level) {
      const heading = open.pop()
      if (heading !== undefined) heading.lastLine = lastLine
    }
  }
  let last = lines.count
  for (let number = 1; number <= lines.count; number += 1) {
    const text = lines.line(number)
    if (!text.includes('\\')) continue
    if (text.includes('\\end{document}')) {
      last = number - 1
      break
    }
    const match = HEADING.exec(text)
    if (match === null || withoutComment(text).length < match.index + match[0].length) continue
    const level = LEVELS[match[1] ?? ''] ?? 6
    close(level, number - 1)
    const heading = { level, title: bracedText(text, match.index + match[0].length), line: number, lastLine: lines.count }
    headings.push(heading)
    open.push(heading)
  }
  close(0, last)
  return headings
}

function bracedText(text: string, from: number): string {
  let depth = 1
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '{') depth += 1
    else if (text[at] === '}') {
      depth -= 1
      if (depth === 0) return text.slice(from, at)
    }
  }
  return text.slice(from)
}

/** Lines that fold into the first of them. */
export type Fold = { start: number; end: number; kind: 'section' | 'environment' | 'comment' | 'preamble' }

/** What folds: headings, environments, runs of comments, the preamble. */
export function foldsOf(lines: Lines): Fold[] {
  const folds: Fold[] = headingsOf(lines).map(({ line, lastLine }) => ({ start: line, end: lastLine, kind: 'section' }))
  const open: EnvironmentTag[] = []
  let commentFrom = 0
  let documentClass = 0
  for (let number = 1; number <= lines.count + 1; number += 1) {
    const text = number <= lines.count ? lines.line(number) : ''
    const isComment = /^\s*%/.test(text)
    if (isComment && commentFrom === 0) commentFrom = number
    if (!isComment && commentFrom > 0) {
      folds.push({ start: commentFrom, end: number - 1, kind: 'comment' })
      commentFrom = 0
    }
    if (documentClass === 0 && text.startsWith('\\documentclass')) documentClass = number
    for (const tag of tagsOf(text, number)) {
      if (tag.kind === 'begin') {
        if (tag.name === 'document' && documentClass > 0) folds.push({ start: documentClass, end: number - 1, kind: 'preamble' })
        open.push(tag)
        continue
      }
      const index = open.findLastIndex((begin) => begin.name === tag.name)
      const begin = open[index]
      if (begin === undefined) continue
      open.length = index
      // The line with \end stays in sight, as a closing bracket does.
      if (tag.name !== 'document') folds.push({ start: begin.line, end: number - 1, kind: 'environment' })
    }
  }
  return folds.filter((fold) => fold.end > fold.start)
}
