// Which grammar colours a file, by its name alone.

/** The languages that the editor colours; everything else is plain text. */
export type LanguageId = 'latex' | 'bibtex' | 'plaintext'

const LANGUAGE_OF_EXTENSION: Readonly<Record<string, LanguageId>> = {
  tex: 'latex',
  ltx: 'latex',
  latex: 'latex',
  sty: 'latex',
  cls: 'latex',
  dtx: 'latex',
  ins: 'latex',
  def: 'latex',
  clo: 'latex',
  cfg: 'latex',
  fd: 'latex',
  ldf: 'latex',
  tikz: 'latex',
  pgf: 'latex',
  bbx: 'latex',
  cbx: 'latex',
  lbx: 'latex',
  bbl: 'latex',
  bib: 'bibtex',
}

/** The language of the file at a project path such as `chapters/one.tex`. */
export function languageOf(path: string): LanguageId {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return LANGUAGE_OF_EXTENSION[name.slice(dot + 1).toLowerCase()] ?? 'plaintext'
}
