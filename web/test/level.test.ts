import { describe, expect, it } from 'vitest'
import { Slots, type Day } from '../src/lib/grid'
import { level, lowest, sameDay } from '../src/lib/level'
import { quarter, seconds, Zone } from '../src/lib/zone'

const start = seconds('2026-11-19T23:00:00+01:00')
const day = (price: (number | null)[]): Day => ({
  slots: new Slots(start, start + price.length * quarter), price, exportPrice: [], carbon: [], curves: [],
})

describe('level', () => {
  const among = [10, 20, 30, 40, 50, 60, null]

  it.each([[10, 'low'], [20, 'low'], [30, 'middle'], [40, 'middle'], [50, 'high'], [70, 'high'], [-5, 'low']])('of %d is %s', (v, want) => {
    expect(level(v, among)).toBe(want)
  })

  it('is not told on a fixed tariff', () => {
    expect(level(0.3, [0.3, 0.3, 0.3, 0.3])).toBeNull()
    expect(level(0.3, [0.3, 0.301, 0.299, 0.3])).toBeNull()
    expect(level(0, [0, 0, 0, 0])).toBeNull()
  })

  it('is not told of what is not known, nor from too little', () => {
    expect(level(null, among)).toBeNull()
    expect(level(1, [1, null, 2])).toBeNull()
  })

  it('works where all prices are negative', () => expect(level(-9, [-9, -5, -1, -1])).toBe('low'))
})

describe('lowest', () => {
  it('looks ahead only, the running slot included', () => {
    const d = day([1, 5, 3, 4])
    expect(lowest(d, d.price, start + quarter + 5)).toEqual({ value: 3, start: start + 2 * quarter, end: start + 3 * quarter })
    expect(lowest(d, d.price, start + 5)?.value).toBe(1)
  })

  it('joins equal slots', () => {
    const d = day([5, -2, -2, null, -2])
    expect(lowest(d, d.price, start)).toEqual({ value: -2, start: start + quarter, end: start + 3 * quarter })
  })

  it('names no cheapest hour where all are equal or unknown', () => {
    const flat = day([3, 3, 3])
    expect(lowest(flat, flat.price, start)).toBeNull()
    const blank = day([null, null])
    expect(lowest(blank, blank.price, start)).toBeNull()
    expect(lowest(flat, flat.price, start + 9 * quarter)).toBeNull()
  })
})

it('the values of a day end at local midnight', () => {
  const d = day([1, 2, 3, 4, 5, 6])
  const berlin = new Zone('Europe/Berlin')
  expect(sameDay(d, d.price, berlin, start)).toEqual([1, 2, 3, 4])
  expect(sameDay(d, d.price, berlin, start + 4 * quarter)).toEqual([5, 6])
})
