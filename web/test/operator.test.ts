import { describe, expect, it } from 'vitest'
import { Slots } from '../src/lib/grid'
import { asked, askedAt, isNow, ranked, weight, whenText } from '../src/lib/operator'
import { readout, spoken } from '../src/lib/readout'
import { Units } from '../src/lib/units'
import type { Order } from '../src/lib/view'
import { seconds, Zone } from '../src/lib/zone'

const zone = new Zone('Europe/Berlin', 'en-GB')
const at = (text: string) => seconds(`2026-05-${text}:00+02:00`)
const now = at('12T18:30')

const order = (from: string, to: string | null, over: Partial<Order> = {}): Order => ({
  from: new Date(at(from) * 1000).toISOString(), to: to === null ? null : new Date(at(to) * 1000).toISOString(),
  kind: 'high', title: 'Flex alert', text: '', source: 'utility', event: 'e', effect: 'Waits.', ...over,
})

describe('an order', () => {
  it.each([
    ['12T18:00', '12T20:00', 'until 20:00'],
    ['12T19:00', '12T20:00', '19:00 to 20:00'],
    ['12T23:00', '13T01:00', '23:00 to tomorrow 01:00'],
    ['13T18:00', '13T20:00', 'tomorrow 18:00 to 20:00'],
    ['12T18:00', '13T02:00', 'until tomorrow 02:00'],
    ['12T18:00', null, 'until further notice'],
    ['12T20:00', null, 'from 20:00 until further notice'],
  ])('from %s to %s is "%s"', (from, to, words) => expect(whenText(order(from, to), zone, now)).toBe(words))

  it('holds from its beginning until its end, which it does not hold', () => {
    expect(isNow(order('12T18:30', '12T19:00'), now)).toBe(true)
    expect(isNow(order('12T18:00', '12T18:30'), now)).toBe(false)
    expect(isNow(order('12T18:31', null), now)).toBe(false)
    expect(isNow(order('12T18:00', null), now)).toBe(true)
  })

  it.each([
    ['emergency', 'press'], ['outage', 'press'], ['high', 'ask'], ['import_limit', 'ask'], ['setpoint', 'ask'], ['notice', 'tell'],
    ['unfollowed', 'tell'], ['of tomorrow', 'ask'],
  ])('of kind %s is shown to %s', (kind, loud) => expect(weight(order('12T18:00', null, { kind }))).toBe(loud))
})

describe('several orders', () => {
  it('stand by what holds, then by how hard it presses, then by time', () => {
    const all = [
      order('12T20:00', '12T21:00', { title: 'later alert' }), order('12T18:00', '12T20:00', { title: 'warning', kind: 'notice' }),
      order('12T19:00', '12T21:00', { title: 'soon' }), order('12T22:00', null, { title: 'night', kind: 'emergency' }), order('12T18:00', '12T20:00', { title: 'now' }),
    ]
    expect(ranked(all, now).map((o) => o.title)).toEqual(['now', 'warning', 'night', 'soon', 'later alert'])
    expect(all[0]!.title).toBe('later alert') // what came is not changed
  })

  it('are drawn once where they share their time, inside the chart, and not where they only warn', () => {
    const slots = new Slots(at('12T00:00'), at('14T00:00'))
    const all = [
      order('12T18:00', '12T20:00', { title: 'limit' }), order('12T18:00', '12T20:00', { title: 'emergency', kind: 'emergency' }),
      order('11T18:00', '12T01:00', { title: 'last night' }), order('13T22:00', null, { title: 'open' }),
      order('12T18:00', '12T20:00', { kind: 'notice' }), order('15T18:00', '15T20:00'), order('11T18:00', '11T20:00'),
    ]
    const drawn = asked(all, slots)
    expect(drawn).toEqual([
      { start: at('12T18:00'), end: at('12T20:00'), titles: ['limit', 'emergency'], weight: 'press' },
      { start: at('12T00:00'), end: at('12T01:00'), titles: ['last night'], weight: 'ask' },
      { start: at('13T22:00'), end: at('14T00:00'), titles: ['open'], weight: 'ask' },
    ])
    expect(askedAt(drawn, at('12T19:45'))).toBe('limit and 1 more')
    expect(askedAt(drawn, at('13T23:45'))).toBe('open')
    expect(askedAt(drawn, at('12T20:00'))).toBe('')
  })

  it('are said of a slot, and only where there is one', () => {
    const day = { slots: new Slots(at('12T00:00'), at('13T00:00')), price: [], exportPrice: [], carbon: [], curves: [] }
    const moment = { day, slot: 72, zone, units: new Units('EUR', 'en-GB'), titles: new Map<string, string>(), now }
    expect(spoken(readout({ ...moment, asked: 'Flex alert' }))).toMatch(/Operator Flex alert$/)
    expect(spoken(readout({ ...moment, asked: '' }))).not.toMatch(/Operator/)
  })
})
