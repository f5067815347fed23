import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { restCaret } from './caretRest'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** An editor of which only the caret is there. */
function caret() {
  const told: unknown[] = []
  const listeners = new Set<() => void>()
  const listen = (listener: () => void) => {
    listeners.add(listener)
    return { dispose: () => listeners.delete(listener) }
  }
  const editor = {
    updateOptions: ({ cursorBlinking }: { cursorBlinking?: unknown }) => told.push(cursorBlinking),
    onDidChangeCursorPosition: listen,
    onDidFocusEditorText: listen,
  }
  const rest = restCaret(editor as unknown as Parameters<typeof restCaret>[0])
  return { told, listeners, rest, move: () => [...listeners][0]?.() }
}

test('the caret stops blinking when nobody writes, and begins again after the next key', () => {
  const { told, move } = caret()
  vi.advanceTimersByTime(9_000)
  move()
  vi.advanceTimersByTime(9_000)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual(['solid'])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['solid'])
  move()
  expect(told).toEqual(['solid'])
  vi.advanceTimersByTime(300)
  expect(told).toEqual(['solid', 'blink'])
  vi.advanceTimersByTime(10_000)
  expect(told).toEqual(['solid', 'blink', 'solid'])
})

test('nothing is left of it when the editor goes', () => {
  const { told, rest, listeners } = caret()
  rest.dispose()
  expect(listeners.size).toBe(0)
  vi.advanceTimersByTime(20_000)
  expect(told).toEqual([])
})
