import { expect, test } from 'vitest'
import type { BuildReport, Problem } from '../../ipc/generated'
import { buildText, liveText } from './StatusBar'

test('a build without pages says whose pages are shown', () => {
  const report: BuildReport = { outcome: 'errors', root: 'main.tex', problems: [], pages: 0, passes: 1, wallMs: 400, upToDate: false, pagesKept: false, asksForPrograms: false, revision: 1 }
  expect(buildText({ type: 'idle' }, report, true)).toBe('No pages: the last good ones are shown')
  expect(buildText({ type: 'idle' }, report, false)).toBe('No pages')
  expect(buildText({ type: 'idle' }, { ...report, pages: 2 }, true)).toBe('2 pages in 0.4 s')
  expect(buildText({ type: 'idle' }, { ...report, pages: 2, pagesKept: true }, true)).toBe('Pages as before the error')
})

test('why pages do not follow the keystroke is told, once there is something to tell', () => {
  const report: BuildReport = { outcome: 'errors', root: 'main.tex', problems: [], pages: 0, passes: 1, wallMs: 400, upToDate: false, pagesKept: false, asksForPrograms: false, revision: 1 }
  expect(liveText({ type: 'noBuild' }, null)).toBeNull()
  expect(liveText({ type: 'noBuild' }, report)?.label).toBe('Not live')
  expect(liveText({ type: 'live' }, report)?.label).toBe('Live')
  expect(liveText({ type: 'givenUp' }, report)?.meaning).toContain('The next edit tries again')
  expect(liveText({ type: 'cannotStart', reason: 'no memory' }, report)?.meaning).toContain('(no memory)')
  expect(liveText({ type: 'cannotStart', reason: '' }, report)?.meaning).not.toContain('()')
})

test('a build that broke off says why: an engine that was killed met no limit', () => {
  const told = (code: string) => {
    const problem: Problem = { code, severity: 'error', path: null, foreign: null, range: null, message: '', explanation: '', fix: null, action: null, caused: [] }
    const report: BuildReport = { outcome: 'stopped', root: 'main.tex', problems: [problem], pages: 0, passes: 0, wallMs: 1, upToDate: false, pagesKept: false, asksForPrograms: false, revision: 1 }
    return buildText({ type: 'idle' }, report, true)
  }
  expect(told('engine-crashed')).toBe('The TeX engine broke off: build again')
  expect(told('timed-out')).toBe('Build stopped: it took too long')
  expect(told('new-code')).toBe('Build broke off')
})
