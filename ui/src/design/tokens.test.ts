// Every pair of ink and ground that components use meets WCAG 2.2 AA in both themes.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url).pathname.replace(/^.*(?=src\/)/, ''), 'utf8')

function tokensOf(theme: 'light' | 'dark'): Map<string, string> {
  const block = css.slice(css.indexOf(`[data-theme='${theme}'] {`))
  const body = block.slice(0, block.indexOf('}'))
  return new Map([...body.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const TEXT: [ink: string, grounds: string[]][] = [
  ['--ink', ['--paper', '--paper-sunken', '--paper-raised', '--paper-editor', '--selection', '--accent-soft']],
  ['--ink-2', ['--paper', '--paper-sunken', '--paper-raised', '--paper-editor']],
  ['--ink-3', ['--paper', '--paper-sunken', '--paper-raised', '--paper-editor']],
  ['--accent-text', ['--paper', '--accent-soft', '--paper-raised']],
  ['--accent-ink', ['--accent', '--accent-hover']],
  ['--danger', ['--paper', '--paper-raised', '--danger-soft']],
  ['--danger-ink', ['--danger']],
  ['--warning', ['--paper', '--warning-soft']],
  ['--success', ['--paper', '--success-soft']],
  ['--info', ['--paper', '--info-soft']],
  ['--editor-gutter', ['--paper-editor', '--editor-line']],
  ['--ink', ['--comment', '--comment-active']],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((peer): [string, string[]] => [`--peer-${peer}`, ['--paper-editor', '--paper-raised', '--editor-line']]),
  ...['command', 'structure', 'environment', 'maths', 'reference', 'comment', 'magic', 'verbatim', 'bracket', 'optional', 'number', 'special'].map(
    (name): [string, string[]] => [`--syntax-${name}`, ['--paper-editor', '--editor-line']],
  ),
]
const CONTROLS: [string, string[]][] = [
  ['--control-edge', ['--paper', '--paper-raised', '--paper-sunken']],
  ['--accent', ['--paper', '--paper-raised', '--paper-sunken', '--paper-editor']],
]

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const tokens = tokensOf(theme)
  const pairs = [...TEXT.map((pair) => [...pair, 4.5] as const), ...CONTROLS.map((pair) => [...pair, 3] as const)]
  const cases = pairs.flatMap(([ink, grounds, least]) => grounds.map((ground) => [ink, ground, least] as const))
  test.each(cases)('%s on %s: at least %s', (ink, ground, least) => {
    const [a, b] = [tokens.get(ink), tokens.get(ground)]
    if (a === undefined || b === undefined) throw new Error(`no token ${a === undefined ? ink : ground}`)
    expect(contrast(a, b)).toBeGreaterThanOrEqual(least)
  })
})
