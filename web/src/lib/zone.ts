// Times in the home's zone. Instants are seconds since 1970, so that days of 23 and 25 hours need no care
// but here.

export const minute = 60
export const quarter = 15 * minute
const hour = 60 * minute

/** The zone if the browser knows it, else UTC: a wrong name must not cost the page. */
export function knownZone(name: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return name
  } catch {
    return 'UTC'
  }
}

export const seconds = (text: string): number => Date.parse(text) / 1000

/** Zone tells local time. It keeps its formatters: making one costs more than using it. */
export class Zone {
  private readonly parts: Intl.DateTimeFormat
  private readonly clockText: Intl.DateTimeFormat
  private readonly dayText: Intl.DateTimeFormat
  private readonly shortDayText: Intl.DateTimeFormat
  private readonly offsetText: Intl.DateTimeFormat

  constructor(name: string, locale?: string) {
    const timeZone = knownZone(name)
    const numeric = '2-digit'
    this.parts = new Intl.DateTimeFormat('en-GB', {
      timeZone, year: 'numeric', month: numeric, day: numeric, hour: numeric, minute: numeric, hourCycle: 'h23',
    })
    this.clockText = new Intl.DateTimeFormat(locale, { timeZone, hour: numeric, minute: numeric })
    this.dayText = new Intl.DateTimeFormat(locale, { timeZone, weekday: 'long', day: 'numeric', month: 'long' })
    this.shortDayText = new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short', day: 'numeric', month: 'short' })
    this.offsetText = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
  }

  /** The local date as a key, and the local time of day in minutes. */
  local(at: number): { date: string; minutes: number } {
    const p: Record<string, string> = {}
    for (const { type, value } of this.parts.formatToParts(at * 1000)) p[type] = value
    return { date: `${p.year}-${p.month}-${p.day}`, minutes: Number(p.hour) * 60 + Number(p.minute) }
  }

  clock(at: number): string {
    return this.clockText.format(at * 1000)
  }

  day(at: number): string {
    return this.dayText.format(at * 1000)
  }

  shortDay(at: number): string {
    return this.shortDayText.format(at * 1000)
  }

  /** As "GMT+2": tells the two hours apart that a clock shows twice. */
  offset(at: number): string {
    const part = this.offsetText.formatToParts(at * 1000).find((p) => p.type === 'timeZoneName')
    return part?.value ?? ''
  }

  /** "today", "tomorrow", "yesterday" or the short date, seen from now. */
  dayName(at: number, now: number): string {
    const date = this.local(at).date
    // Noon, so that a day of 23 or 25 hours still moves the date by one.
    const noon = now - this.local(now).minutes * minute + 12 * hour
    if (date === this.local(now).date) return 'today'
    if (date === this.local(noon + 24 * hour).date) return 'tomorrow'
    if (date === this.local(noon - 24 * hour).date) return 'yesterday'
    return this.shortDay(at)
  }

  /** The local clock, with the day in front when it is not today. */
  when(at: number, now: number): string {
    const day = this.dayName(at, now)
    return day === 'today' ? this.clock(at) : `${day} ${this.clock(at)}`
  }

  /** A span as "13:00 to 14:45", with the day in front when it is not today. */
  span(start: number, end: number, now: number): string {
    const isSameDay = this.local(start).date === this.local(end - 1).date
    return `${this.when(start, now)} to ${isSameDay ? this.clock(end) : this.when(end, now)}`
  }

  /** The instants in [start, end] at which a new local day begins. */
  midnights(start: number, end: number): number[] {
    const found: number[] = []
    let last = this.local(start - 1).date
    for (let at = Math.ceil(start / quarter) * quarter; at <= end; at += quarter) {
      const { date } = this.local(at)
      if (date !== last) found.push(at)
      last = date
    }
    return found
  }

  /** The instants in [start, end] whose local hour is a whole multiple of step; each shown hour once a day. */
  ticks(start: number, end: number, step: number): number[] {
    const found: number[] = []
    const seen = new Set<string>()
    for (let at = Math.ceil(start / quarter) * quarter; at <= end; at += quarter) {
      const { date, minutes } = this.local(at)
      const key = `${date} ${minutes}`
      if (minutes % (step * 60) !== 0 || seen.has(key)) continue
      seen.add(key)
      found.push(at)
    }
    return found
  }
}

/** How long ago, in words: "just now", "12 min ago", "3 h ago", "2 days ago". */
export function ago(at: number, now: number): string {
  return now - at < minute ? 'just now' : `${length(now - at)} ago`
}

/** A length of time in words, one unit, rounded down. */
export function length(s: number): string {
  if (s < hour) return `${Math.max(1, Math.floor(s / minute))} min`
  if (s < 48 * hour) return `${Math.floor(s / hour)} h`
  return `${Math.floor(s / (24 * hour))} days`
}
