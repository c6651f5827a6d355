import { describe, expect, it } from 'vitest'
import { dayOf, Slots, stepsOn, stepsX, stepsY } from '../src/lib/grid'
import type { Timeline } from '../src/lib/view'
import { quarter, seconds } from '../src/lib/zone'

const start = seconds('2026-10-25T00:00+02:00')
const slots = (n: number) => new Slots(start, start + n * quarter)
const piece = (from: number, to: number, value: number | null) => ({ start: start + from, end: start + to, value })

describe('the mean of a slot', () => {
  it('weighs each piece by its time', () => {
    expect(slots(1).mean([piece(0, 300, 3), piece(300, 900, 6)])).toEqual([5])
  })

  it('leaves out what is not known and is null where nothing is', () => {
    expect(slots(2).mean([piece(0, 300, 4), piece(300, 900, null)])).toEqual([4, null])
  })

  it('spreads a long piece over its slots, however it lies', () => {
    expect(slots(4).mean([piece(450, 2250, 8)])).toEqual([8, 8, 8, null])
  })

  it('cuts what sticks out on either side', () => {
    expect(slots(2).mean([piece(-9000, 9000, 1), piece(-500, -100, 7)])).toEqual([1, 1])
  })

  it('keeps a known zero apart from the unknown', () => {
    expect(slots(2).mean([piece(0, 900, 0)])).toEqual([0, null])
  })

  it('ignores pieces that end before they start', () => {
    expect(slots(1).mean([piece(900, 0, 5), piece(0, 0, 5), piece(NaN, NaN, 5)])).toEqual([null])
  })
})

describe('slots', () => {
  it('know which of them holds an instant', () => {
    const s = slots(2)
    expect([-1, 0, 899, 900, 1799, 1800].map((d) => s.index(start + d))).toEqual([null, 0, 0, 1, 1, null])
  })

  it.each([[start, start], [start, start - 1], [start, NaN], [0, 1e12]])('are none for a senseless span', (a, b) => {
    expect(new Slots(a, b).count).toBe(0)
  })
})

describe('a timeline', () => {
  const timeline: Timeline = {
    revision: 1,
    span: { start: '2026-10-25T00:00:00+02:00', end: '2026-10-26T00:00:00+01:00' },
    currency: 'EUR',
    prices: [
      { start: '2026-10-24T22:00:00Z', end: '2026-10-24T23:00:00Z', import_price_per_kwh: -0.01, export_price_per_kwh: null, carbon_g_per_kwh: 120 },
      { start: '2026-10-24T23:00:00Z', end: '2026-10-25T00:00:00Z', import_price_per_kwh: null, export_price_per_kwh: 0.08, carbon_g_per_kwh: null },
    ],
    plan: [
      { name: 'car', start: '2026-10-24T22:00:00Z', step_s: 1800, power_w: [1000, null, 3000] },
      { name: 'grid', start: '2026-10-24T22:00:00Z', step_s: 900, power_w: [1] },
    ],
    actual: [
      { name: 'meter', start: '2026-10-24T22:00:00Z', step_s: 60, power_w: Array.from({ length: 15 }, (_, i) => i) },
      { name: 'solar', start: '2026-10-24T22:00:00Z', step_s: 900, power_w: null },
      { name: 'odd', start: '2026-10-24T22:00:00Z', step_s: 0, power_w: [1, 2] },
    ],
  }

  it('has a hundred quarters on the day of 25 hours', () => expect(dayOf(timeline).slots.count).toBe(100))

  it('brings prices onto the slots, negative and unknown ones too', () => {
    const day = dayOf(timeline)
    expect(day.price.slice(0, 5)).toEqual([-0.01, -0.01, -0.01, -0.01, null])
    expect(day.exportPrice.slice(3, 5)).toEqual([null, 0.08])
    expect(day.carbon.slice(3, 5)).toEqual([120, null])
  })

  it('puts plan and measurement of one name side by side, grid and sun first', () => {
    const { curves } = dayOf(timeline)
    expect(curves.map((c) => c.name)).toEqual(['grid', 'solar', 'car', 'meter', 'odd'])
    expect(curves[2]!.plan.slice(0, 7)).toEqual([1000, 1000, null, null, 3000, 3000, null])
    expect(curves[2]!.actual.every((v) => v === null)).toBe(true)
    expect(curves[3]!.actual.slice(0, 2)).toEqual([7, null])
    expect(curves[4]!.actual.every((v) => v === null)).toBe(true)
  })

  it('may have no lists at all', () => {
    const day = dayOf({ ...timeline, prices: null, plan: null, actual: null })
    expect(day.curves).toEqual([])
    expect(day.price.every((v) => v === null)).toBe(true)
  })
})

describe('steps', () => {
  it('are two points a slot in rising time', () => {
    const x = stepsX(slots(3))
    expect(x).toHaveLength(6)
    expect(x.every((v, i) => i === 0 || v > x[i - 1]!)).toBe(true)
    expect(stepsY([1, null])).toEqual([1, 1, null, null])
  })

  it('draw only the edges of what is on', () => {
    //                 off   off    on        off        unknown      on
    expect(stepsOn([0, 2, -2000, 0, null, 50])).toEqual([null, null, null, 0, -2000, -2000, 0, null, null, null, 50, 50])
  })
})
