import { describe, expect, it } from 'vitest'
import { dash, text, Units } from '../src/lib/units'

const euro = new Units('EUR', 'en-GB')
const plain = (s: string) => s.replaceAll('\u00a0', ' ')

describe('what is not known', () => {
  it.each([null, undefined, NaN, Infinity])('is a dash: %s', (v) => {
    for (const q of [euro.power(v), euro.price(v), euro.carbon(v), euro.energy(v), euro.emitted(v)]) {
      expect(q.value).toBe(dash)
    }
    expect(euro.money(v)).toBe(dash)
    expect(euro.percent(v)).toBe(dash)
  })
})

describe('power', () => {
  it.each([
    [0, '0 W'], [-0.2, '0 W'], [999.4, '999 W'], [999.6, '1.00 kW'], [1840, '1.84 kW'], [-6090, '-6.09 kW'],
    [9994, '9.99 kW'], [9996, '10.0 kW'], [22000, '22.0 kW'],
  ])('%d is %s', (w, want) => expect(plain(text(euro.power(w)))).toBe(want))
})

describe('prices', () => {
  it.each([
    ['EUR', 'en-GB', 0.2842, '28.4 ct/kWh'],
    ['EUR', 'de-DE', -0.0123, '-1,2 ct/kWh'],
    ['EUR', 'en-GB', -0.0002, '0.0 ct/kWh'],
    ['USD', 'en-US', 0.31, '31.0 ¢/kWh'],
    ['GBP', 'en-GB', 0.245, '24.5 p/kWh'],
    ['JPY', 'en-GB', 31.5, '31.500 JP¥/kWh'],
    ['not money', 'en-GB', 1, '1.000 not money/kWh'],
    ['constructor', 'en-GB', 1, '1.000 constructor/kWh'],
  ])('%s in %s: %d is %s', (currency, locale, price, want) => {
    expect(plain(text(new Units(currency, locale).price(price)))).toBe(want)
  })
})

describe('money', () => {
  it('is written as the locale does, negative amounts too', () => {
    expect(euro.money(2.914)).toBe('€2.91')
    expect(euro.money(-0.5)).toBe('-€0.50')
    expect(euro.money(-0.001)).toBe('€0.00')
    expect(plain(new Units('EUR', 'de-DE').money(1234.5))).toBe('1.234,50 €')
  })

  it('keeps the name of a currency the browser cannot know', () => {
    expect(new Units('not money', 'en-GB').money(2)).toBe('2.00 not money')
  })
})

it('emissions keep two digits while they are small', () => {
  expect(plain(text(euro.emitted(4210)))).toBe('4.21 kg')
  expect(plain(text(euro.emitted(12345)))).toBe('12.3 kg')
})

it('a state of charge is a whole percentage', () => expect(euro.percent(0.625)).toBe('63%'))
