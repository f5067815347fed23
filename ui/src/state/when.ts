// Times as people say them: “today 14:32”.

const DAY_MS = 86_400_000

/** The day of a time: “Today”, “Yesterday”, “Monday”, “3 March”, “3 March 2024”. */
export function dayOf(time: number, now: number, locale?: string): string {
  const startOf = (of: number) => new Date(of).setHours(0, 0, 0, 0)
  const days = Math.round((startOf(now) - startOf(time)) / DAY_MS)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days < 7) return new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(time)
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(time)
}

/** The time of day: 14:32. */
export function clockOf(time: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false }).format(time)
}

/** From one time of day to another, once when they are the same minute. */
export function spanOf(began: number, ended: number, locale?: string): string {
  const [first, last] = [clockOf(began, locale), clockOf(ended, locale)]
  return first === last ? last : `${first}–${last}`
}
