import { expect, test } from 'vitest'
import { languageOf } from './languageOf'

test.each([
  ['main.tex', 'latex'],
  ['a.b/refs.BIB', 'bibtex'],
  ['my.class.cls', 'latex-package'],
  ['Makefile', 'plaintext'],
  ['data.csv', 'plaintext'],
])('%s is %s', (path, language) => expect(languageOf(path)).toBe(language))
