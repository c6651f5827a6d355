// Is now a good moment? Judged against the rest of the same local day, so that it means something.

import type { Day, Value } from './grid'
import type { Zone } from './zone'
import { quarter } from './zone'

export type Level = 'low' | 'middle' | 'high'

/**
 * The level of a value among those of a day: the lowest third, the highest third, or between.
 * Null when it is not known or when the day is flat: on a fixed tariff no hour is cheap.
 */
export function level(value: number | null | undefined, among: Value[]): Level | null {
  const known = among.filter((v) => v !== null).sort((a, b) => a - b)
  if (value === null || value === undefined || known.length < 3) return null
  const low = known[0]!
  const high = known.at(-1)!
  if (high - low <= 0.05 * Math.max(Math.abs(low), Math.abs(high))) return null
  if (value <= known[Math.floor((known.length - 1) / 3)]!) return 'low'
  if (value >= known[Math.ceil(((known.length - 1) * 2) / 3)]!) return 'high'
  return 'middle'
}

/** The values of the local day that holds now. */
export function sameDay(day: Day, values: Value[], zone: Zone, now: number): Value[] {
  const date = zone.local(now).date
  return values.filter((_, i) => zone.local(day.slots.from(i)).date === date)
}

/** The lowest value from now on and when it begins and ends; null when nothing is known or all is equal. */
export function lowest(day: Day, values: Value[], now: number): { value: number; start: number; end: number } | null {
  const ahead: { value: number; i: number }[] = []
  values.forEach((value, i) => {
    if (value !== null && day.slots.from(i + 1) > now) ahead.push({ value, i })
  })
  const best = Math.min(...ahead.map((a) => a.value))
  const first = ahead.find((a) => a.value === best)
  if (!first || ahead.every((a) => a.value === best)) return null
  let last = first.i
  while (values[last + 1] === best) last++
  return { value: best, start: day.slots.from(first.i), end: day.slots.from(last) + quarter }
}
