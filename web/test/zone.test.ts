import { describe, expect, it } from 'vitest'
import { ago, knownZone, length, quarter, seconds, Zone } from '../src/lib/zone'

const berlin = new Zone('Europe/Berlin', 'en-GB')
const at = (text: string) => seconds(text)
const clocks = (zone: Zone, ticks: number[]) => ticks.map((t) => zone.clock(t).slice(0, 2)).join(' ')

describe('ticks', () => {
  it('stand at round local hours of an ordinary day', () => {
    const ticks = berlin.ticks(at('2026-11-19T00:00+01:00'), at('2026-11-20T00:00+01:00'), 6)
    expect(clocks(berlin, ticks)).toBe('00 06 12 18 00')
  })

  it('show the hour that comes twice once and stay on round hours after it', () => {
    const ticks = berlin.ticks(at('2026-10-25T00:00+02:00'), at('2026-10-26T00:00+01:00'), 1)
    expect(clocks(berlin, ticks)).toBe('00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 00')
    expect(ticks[3]! - ticks[2]!).toBe(2 * 3600)
  })

  it('leave out the hour that does not exist', () => {
    const ticks = berlin.ticks(at('2026-03-29T00:00+01:00'), at('2026-03-30T00:00+02:00'), 1)
    expect(clocks(berlin, ticks)).toBe('00 01 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 00')
  })

  it('are right where the clock moves by half an hour', () => {
    const howe = new Zone('Australia/Lord_Howe', 'en-GB')
    const ticks = howe.ticks(at('2026-04-05T00:00+11:00'), at('2026-04-06T00:00+10:30'), 6)
    expect(clocks(howe, ticks)).toBe('00 06 12 18 00')
  })
})

describe('midnights', () => {
  it.each([
    ['ordinary', 'Europe/Berlin', '2026-11-19T00:00+01:00', 24],
    ['autumn', 'Europe/Berlin', '2026-10-25T00:00+02:00', 25],
    ['spring', 'Europe/Berlin', '2026-03-29T00:00+01:00', 23],
    ['New York, autumn', 'America/New_York', '2026-11-01T00:00-04:00', 25],
    ['New York, spring', 'America/New_York', '2026-03-08T00:00-05:00', 23],
    ['Lord Howe, autumn', 'Australia/Lord_Howe', '2026-04-05T00:00+11:00', 24.5],
    ['no midnight at all', 'Africa/Cairo', '2026-04-24T01:00+03:00', 23],
  ])('are a local day apart: %s', (_name, zone, start, hours) => {
    const found = new Zone(zone).midnights(at(start), at(start) + 26 * 3600)
    expect(found).toEqual([at(start), at(start) + hours * 3600])
  })
})

describe('days and times', () => {
  const now = at('2026-10-24T23:30+02:00')

  it('are named from now, across the change of clocks', () => {
    expect(berlin.dayName(now, now)).toBe('today')
    expect(berlin.dayName(at('2026-10-25T23:59+01:00'), now)).toBe('tomorrow')
    expect(berlin.dayName(at('2026-10-26T00:00+01:00'), now)).toBe('Mon 26 Oct')
    expect(berlin.dayName(at('2026-10-23T00:00+02:00'), now)).toBe('yesterday')
    expect(berlin.when(at('2026-10-25T07:00+01:00'), now)).toBe('tomorrow 07:00')
    expect(berlin.when(now, now)).toBe('23:30')
  })

  it('say the day of both ends where a span crosses midnight', () => {
    expect(berlin.span(now, at('2026-10-25T01:00+02:00'), now)).toBe('23:30 to tomorrow 01:00')
    expect(berlin.span(now, now + 2 * quarter, now)).toBe('23:30 to 00:00')
  })

  it('tell the two hours of the change apart by their offset', () => {
    const first = at('2026-10-25T02:15+02:00')
    expect(berlin.clock(first)).toBe(berlin.clock(first + 3600))
    expect(berlin.offset(first)).toBe('GMT+2')
    expect(berlin.offset(first + 3600)).toBe('GMT+1')
  })

  it('use UTC where the zone is not known', () => {
    expect(knownZone('Nowhere/Land')).toBe('UTC')
    expect(new Zone('Nowhere/Land', 'en-GB').clock(at('2026-10-24T23:30Z'))).toBe('23:30')
  })
})

it.each([
  [0, 'just now'], [59, 'just now'], [60, '1 min ago'], [3599, '59 min ago'], [3600, '1 h ago'], [47.9 * 3600, '47 h ago'],
  [48 * 3600, '2 days ago'], [-5, 'just now'],
])('%d s is %s', (s, words) => expect(ago(1e9, 1e9 + s)).toBe(words))

it('a length of time is never nothing', () => expect(length(3)).toBe('1 min'))
