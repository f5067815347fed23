import { expect, test } from 'vitest'
import type { BuildReport } from '../../ipc/generated'
import { buildText } from './StatusBar'

test('a build without pages says whose pages are shown', () => {
  const report: BuildReport = { outcome: 'errors', root: 'main.tex', problems: [], pages: 0, passes: 1, wallMs: 400, upToDate: false, revision: 1 }
  expect(buildText({ type: 'idle' }, report, true)).toBe('No pages: the last good ones are shown')
  expect(buildText({ type: 'idle' }, report, false)).toBe('No pages')
  expect(buildText({ type: 'idle' }, { ...report, pages: 2 }, true)).toBe('2 pages in 0.4 s')
})
