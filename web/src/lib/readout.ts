// What the chart says about one slot.

import type { Day } from './grid'
import { dash, text, type Units } from './units'
import type { Zone } from './zone'

export interface Shown {
  when: string
  rows: { name: string; value: string }[]
  powers: { name: string; title: string; planned: string; measured: string }[]
}

interface Moment {
  day: Day
  slot: number
  zone: Zone
  units: Units
  titles: Map<string, string>
  now: number
  asked?: string // by a grid operator
}

export function readout({ day, slot, zone, units, titles, now, asked }: Moment): Shown {
  const start = day.slots.from(slot)
  const end = day.slots.from(slot + 1)
  const at = zone.dayName(start, now)
  // On the day the clocks change the same hour may come twice.
  const offset = zone.offset(start) === zone.offset(now) ? '' : ` ${zone.offset(start)}`
  const power = (w: number | null | undefined) => (w === null || w === undefined ? dash : text(units.power(w)))
  return {
    when: `${at[0]?.toUpperCase() ?? ''}${at.slice(1)} ${zone.clock(start)}–${zone.clock(end)}${offset}`,
    rows: [
      { name: 'Price', value: text(units.price(day.price[slot])) },
      { name: 'Export price', value: text(units.price(day.exportPrice[slot])) },
      { name: 'Grid CO₂', value: text(units.carbon(day.carbon[slot])) },
      ...(asked ? [{ name: 'Operator', value: asked }] : []),
    ],
    powers: day.curves.map((c) => ({
      name: c.name,
      title: titles.get(c.name) ?? c.name,
      planned: power(c.plan[slot]),
      measured: power(c.actual[slot]),
    })),
  }
}

/** The same in one breath, for a screen reader. */
export function spoken(shown: Shown): string {
  const rows = shown.rows.map((r) => `${r.name} ${r.value}`)
  const powers = shown.powers
    .filter((p) => p.planned !== dash || p.measured !== dash)
    .map((p) => (p.measured === dash ? `${p.title} planned ${p.planned}` : `${p.title} ${p.measured}`))
  return [shown.when, ...rows, ...powers].join(', ')
}
