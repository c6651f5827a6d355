import { describe, expect, it } from 'vitest'
import { curveColours } from '../src/lib/colour'
import { Slots, type Day } from '../src/lib/grid'
import { readout, spoken } from '../src/lib/readout'
import { area, peakOf } from '../src/lib/spark'
import { Units } from '../src/lib/units'
import type { Device } from '../src/lib/view'
import { flow, hasTomorrow, isStale, planLine, stateText, tone } from '../src/lib/words'
import { quarter, seconds, Zone } from '../src/lib/zone'

const units = new Units('EUR', 'en-GB')
const zone = new Zone('Europe/Berlin', 'en-GB')
const now = seconds('2026-10-25T01:10+02:00')
const plain = (s: string) => s.replaceAll('\u00a0', ' ')

const device = (over: Partial<Device>): Device => ({
  name: 'plug', title: 'Plug', kind: 'load', state: 'on', power_w: 1, soc: null, why: '', seen: new Date(now * 1000).toISOString(), max_age_s: 600, ...over,
})

describe('a device', () => {
  it('is stale when it does not answer or its reading is old', () => {
    const seen = (s: number) => device({ seen: new Date((now - s) * 1000).toISOString() })
    expect(isStale(seen(599), now)).toBe(false)
    expect(isStale(seen(601), now)).toBe(true)
    expect(isStale(device({ state: 'offline' }), now)).toBe(true)
    expect(isStale(device({ seen: null }), now)).toBe(false) // nothing to grow old; its state says the rest
  })

  it('has its state in words, also one we do not know', () => {
    expect(stateText('discharging')).toBe('Giving back')
    expect(stateText('toString')).toBe('toString')
    expect(tone(device({ state: 'fault' }))).toBe('bad')
    expect(tone(device({ state: 'charging' }))).toBe('active')
    expect(tone(device({ state: 'held' }))).toBe('quiet')
  })

  it.each([
    ['grid', 5, 'from the grid'], ['grid', -5, 'to the grid'], ['battery', -5, 'out of the battery'], ['vehicle', 5, 'into the battery'],
    ['solar', -5, 'produced'], ['load', 5, 'used'], ['grid', 0, ''], ['grid', null, ''],
  ])('%s at %s W: "%s"', (kind, w, words) => expect(flow(kind, w)).toBe(words))
})

describe('the plan in one line', () => {
  const made = '2026-10-25T01:05:00+02:00'
  it.each([
    ['optimal', 0.001, 'Proven the cheapest plan. Planned 01:05.'],
    ['optimal', 0.009, 'Proven the cheapest plan, to within €0.01. Planned 01:05.'],
    ['feasible', 0.42, 'No plan could save more than €0.42 on top. Planned 01:05.'],
    ['feasible', null, 'A good plan. Planned 01:05.'],
    ['relaxed', null, 'Not everything you asked for can be met; this plan comes closest. Planned 01:05.'],
  ])('%s with gap %s', (status, gap, want) => {
    expect(planLine({ made, status, objective: 1, gap }, units, zone, now)).toBe(want)
  })

  it('says when there is none', () => {
    expect(planLine({ made: null, status: 'none', objective: null, gap: null }, units, zone, now)).toBe('There is no plan yet.')
  })
})

describe('the readout', () => {
  const start = seconds('2026-10-25T00:00+02:00')
  const fill = <T>(v: T): T[] => new Array<T>(196).fill(v)
  const day: Day = {
    slots: new Slots(start, start + 196 * quarter), price: fill(-0.012), exportPrice: fill(null), carbon: fill(300),
    curves: [{ name: 'car', plan: fill(3680), actual: fill(null) }, { name: 'unnamed', plan: fill(null), actual: fill(12) }],
  }
  const at = (slot: number) => readout({ day, slot, zone, units, titles: new Map([['car', 'Family car']]), now })

  it('tells the price of tomorrow', () => {
    const shown = at(150)
    expect(shown.when).toBe('Tomorrow 12:30–12:45 GMT+1')
    expect(shown.rows.map((r) => plain(r.value))).toEqual(['-1.2 ct/kWh', '– ct/kWh', '300 g/kWh'])
  })

  it('tells the two hours of the change apart', () => {
    expect(at(8).when).toBe('Today 02:00–02:15')
    expect(at(12).when).toBe('Today 02:00–02:15 GMT+1')
  })

  it('says what is measured, else what is planned', () => {
    expect(plain(spoken(at(0)))).toContain('Family car planned 3.68 kW, unnamed 12 W')
  })

  it('knows whether tomorrow has prices', () => {
    expect(hasTomorrow(day)).toBe(true)
    expect(hasTomorrow({ ...day, price: day.price.map((v, i) => (i < 100 ? v : null)) })).toBe(false)
  })
})

describe('the small shape of a device', () => {
  it('stands on the zero line and hangs below it where it produces', () => {
    expect(area([0, 2, 1, 0], 2, 10, 10)).toBe('M1 10V0H2V5H3V10Z')
    expect(area([-2], 2, 0, 10)).toBe('M0 0V10H1V0Z')
  })

  it('is broken where nothing is known and empty where nothing happens', () => {
    expect(area([1, null, 1], 1, 10, 10)).toBe('M0 10V0H1V10ZM2 10V0H3V10Z')
    expect(area([0, null], 0, 10, 10)).toBe('')
    expect(peakOf([null, -3], [2])).toBe(3)
  })
})

it('colours are the same for the grid and the sun whatever else there is', () => {
  const colours = curveColours(['grid', 'solar', 'car', 'constructor'])
  expect([...colours.values()]).toEqual(['--curve-grid', '--curve-solar', '--curve-0', '--curve-1'])
})
