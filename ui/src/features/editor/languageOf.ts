// Which grammar colours a file, by its name alone.

/** The languages that the editor colours; everything else is plain text. In `latex-package`, `@` is a letter, as
    LaTeX reads classes and packages. */
export type LanguageId = 'latex' | 'latex-package' | 'bibtex' | 'plaintext'

const LANGUAGE_OF_EXTENSION: Readonly<Record<string, LanguageId>> = {
  tex: 'latex',
  ltx: 'latex',
  latex: 'latex',
  sty: 'latex-package',
  cls: 'latex-package',
  dtx: 'latex-package',
  ins: 'latex-package',
  def: 'latex-package',
  clo: 'latex-package',
  cfg: 'latex-package',
  fd: 'latex-package',
  ldf: 'latex-package',
  tikz: 'latex',
  pgf: 'latex',
  bbx: 'latex-package',
  cbx: 'latex-package',
  lbx: 'latex-package',
  bbl: 'latex',
  bib: 'bibtex',
}

/** The language of the file at a project path such as `chapters/one.tex`. */
export function languageOf(path: string): LanguageId {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return LANGUAGE_OF_EXTENSION[name.slice(dot + 1).toLowerCase()] ?? 'plaintext'
}
