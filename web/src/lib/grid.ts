// The chart's data: prices and curves of any step brought onto one grid of quarter hours.
//
//   curve, 5 min steps   |1|2|3|4|-|6|...        - is not known
//   slots of 15 min      |  2  |  5  |...        mean over what is known

import type { Curve, Price, Timeline } from './view'
import { quarter, seconds } from './zone'

export type Value = number | null

/** Slots cut [start, end) into quarter hours; both ends are whole quarters in every zone in use. */
export class Slots {
  readonly count: number

  constructor(
    readonly start: number,
    end: number,
  ) {
    // A span that makes no sense shows nothing; four weeks are more than any page is asked to draw.
    const count = Math.ceil((end - start) / quarter)
    this.count = count > 0 && count <= 4 * 7 * 24 * 4 ? count : 0
  }

  from(i: number): number {
    return this.start + i * quarter
  }

  /** The slot that holds an instant; null outside. */
  index(at: number): number | null {
    const i = Math.floor((at - this.start) / quarter)
    return i >= 0 && i < this.count ? i : null
  }

  /** The time-weighted mean of pieces in each slot; null where nothing is known. */
  mean(pieces: Iterable<Piece>): Value[] {
    const sum = new Array<number>(this.count).fill(0)
    const known = new Array<number>(this.count).fill(0)
    for (const { start, end, value } of pieces) {
      if (value === null || !(end > start)) continue
      const first = Math.max(0, Math.floor((start - this.start) / quarter))
      for (let i = first; i < this.count && this.from(i) < end; i++) {
        const share = Math.min(end, this.from(i + 1)) - Math.max(start, this.from(i))
        sum[i]! += value * share
        known[i]! += share
      }
    }
    return sum.map((s, i) => (known[i]! > 0 ? s / known[i]! : null))
  }
}

export interface Piece {
  start: number
  end: number
  value: Value
}

/** What the chart draws, slot by slot. Power is in W. */
export interface Day {
  slots: Slots
  price: Value[]
  exportPrice: Value[]
  carbon: Value[]
  curves: Line[]
}

/** One device, the grid or the sun: what was planned and what was measured. */
export interface Line {
  name: string
  plan: Value[]
  actual: Value[]
}

export function dayOf(timeline: Timeline): Day {
  const slots = new Slots(seconds(timeline.span.start), seconds(timeline.span.end))
  const prices = timeline.prices ?? []
  const of = (field: (p: Price) => Value) =>
    slots.mean(prices.map((p) => ({ start: seconds(p.start), end: seconds(p.end), value: field(p) })))
  return {
    slots,
    price: of((p) => p.import_price_per_kwh),
    exportPrice: of((p) => p.export_price_per_kwh),
    carbon: of((p) => p.carbon_g_per_kwh),
    curves: lines(slots, timeline.plan ?? [], timeline.actual ?? []),
  }
}

/** Planned and measured curves of one name side by side; the grid first, then the sun, then as they come. */
function lines(slots: Slots, plan: Curve[], actual: Curve[]): Line[] {
  const names = [...new Set([...plan, ...actual].map((c) => c.name))]
  const rank = (name: string) => (name === 'grid' ? 0 : name === 'solar' ? 1 : 2)
  names.sort((a, b) => rank(a) - rank(b))
  const find = (from: Curve[], name: string) => slots.mean(pieces(from.find((c) => c.name === name)))
  return names.map((name) => ({ name, plan: find(plan, name), actual: find(actual, name) }))
}

function pieces(curve: Curve | undefined): Piece[] {
  if (!curve || !(curve.step_s > 0)) return []
  const from = seconds(curve.start)
  return (curve.power_w ?? []).map((value, i) => ({
    start: from + i * curve.step_s,
    end: from + (i + 1) * curve.step_s,
    value,
  }))
}

/** Each slot as two points, so that straight lines between points draw steps and gaps stay exact. */
export function stepsX(slots: Slots): number[] {
  const x: number[] = []
  for (let i = 0; i < slots.count; i++) x.push(slots.from(i), slots.from(i + 1) - 1)
  return x
}

export const stepsY = (values: Value[]): Value[] => values.flatMap((v) => [v, v])

/** As stepsY, but what is off draws only the edges of what is on: no device lies along the zero line. */
export function stepsOn(values: Value[]): Value[] {
  const isOn = (v: Value | undefined) => v !== null && v !== undefined && Math.abs(v) >= 5 // W; less is standby
  return values.flatMap((v, i) => {
    if (v === null || isOn(v)) return [v, v]
    return [isOn(values[i - 1]) ? 0 : null, isOn(values[i + 1]) ? 0 : null]
  })
}
