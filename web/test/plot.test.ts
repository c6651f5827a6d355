import { describe, expect, it } from 'vitest'
import { faint, withZero } from '../src/lib/plot'

describe('the range of a plot', () => {
  it.each([
    [[5, 40], [0, 44]],
    [[-2, 8], [-3, 9]],
    [[-10, -5], [-11, 0]],
    [[null, null], [0, 1]],
    [[0, 0], [0, 1]],
  ])('of %j holds zero: %j', ([min, max], want) => expect(withZero(min!, max!, 0.1)).toEqual(want))
})

it('an opacity is written in two digits', () => {
  expect(faint('#123456', 0)).toBe('#12345600')
  expect(faint('#123456', 0.04)).toBe('#1234560a')
  expect(faint('#123456', 1)).toBe('#123456ff')
})
