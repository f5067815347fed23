// Words for people: times, numbers, sizes, names of files. Pure.

/** “1 file”, “2 files”. */
export function howMany(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`
}

/** With a capital letter and a full stop. */
export function sentence(text: string): string {
  const stop = /[.!?]$/.test(text) ? '' : '.'
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${stop}`
}

/** Two letters for a round sign. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = [...(words[0] ?? '')][0] ?? '?'
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : ''
  return `${first}${last}`.toUpperCase()
}

/** A length in bytes, in words. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return howMany(bytes, 'byte')
  const [unit, value] = bytes < 1e6 ? ['kB', bytes / 1e3] : bytes < 1e9 ? ['MB', bytes / 1e6] : ['GB', bytes / 1e9]
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago it was, as one would say it. */
export function agoText(then: number, now: number): string {
  const past = now - then
  if (past < 90_000) return 'just now'
  if (past < HOUR) return `${Math.round(past / MINUTE)} minutes ago`
  if (past < 90 * MINUTE) return 'an hour ago'
  const [that, today] = [startOfDay(then), startOfDay(now)]
  if (that === today || past < 8 * HOUR) return `${Math.round(past / HOUR)} hours ago`
  const days = Math.round((today - that) / DAY)
  if (days === 1) return 'yesterday'
  if (days < 7) return `${days} days ago`
  const year = new Date(then).getFullYear() === new Date(now).getFullYear() ? {} : ({ year: 'numeric' } as const)
  return new Date(then).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', ...year })
}

function startOfDay(time: number): number {
  const day = new Date(time)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
}

// What some system forbids in names of files.
// oxlint-disable-next-line no-control-regex -- that is what they are
const FORBIDDEN = /[\u0000-\u001f<>:"/\\|?*]+/g

/** A project's name as that of a file, on every system. */
export function fileNameFor(name: string): string {
  const kept = name.replace(FORBIDDEN, '-').replace(/^[.\s-]+|[.\s-]+$/g, '')
  return kept === '' ? 'project' : [...kept].slice(0, 80).join('')
}

/** A path whose file ends in one of these; the first of them where it has none. */
export function withEnding(place: string, endings: readonly string[]): string {
  const isOne = endings.some((ending) => place.toLowerCase().endsWith(`.${ending}`))
  return isOne || endings[0] === undefined ? place : `${place}.${endings[0]}`
}

/** What in the name of a file LaTeX reads as something else; null when it can take the name. */
export function troubleInName(name: string): string | null {
  const [found] = /[%#{}~\\$&^"]| {2,}/.exec(name) ?? [null]
  return found === null ? null : found.startsWith(' ') ? 'two spaces in a row' : `“${found}”`
}
