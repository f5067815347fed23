import { monaco } from '../monaco'
import { bibtexGrammar } from './bibtexGrammar'
import { bibtexConfiguration, latexConfiguration } from './configuration'
import { latexGrammar } from './latexGrammar'

/** The ids of the languages that are LaTeX. */
export const LATEX_LANGUAGES = ['latex', 'latex-package'] as const
/** Every language that Quire brings. */
export const LANGUAGES = [...LATEX_LANGUAGES, 'bibtex'] as const

let registered = false

/** Tells Monaco the languages; once, however often it is called. */
export function registerLanguages(): void {
  if (registered) return
  registered = true
  for (const id of LANGUAGES) monaco.languages.register({ id })
  monaco.languages.setMonarchTokensProvider('latex', latexGrammar({ package: false }))
  monaco.languages.setMonarchTokensProvider('latex-package', latexGrammar({ package: true }))
  monaco.languages.setMonarchTokensProvider('bibtex', bibtexGrammar())
  for (const id of LATEX_LANGUAGES) monaco.languages.setLanguageConfiguration(id, latexConfiguration)
  monaco.languages.setLanguageConfiguration('bibtex', bibtexConfiguration)
}
