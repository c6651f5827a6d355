// A device's day as one small filled shape.

import type { Value } from './grid'

/**
 * The outline of values as steps around a zero line, in a box count wide and height high. Each run of known
 * values is one closed shape; peak is the magnitude that reaches the edge. Producing hangs below zero.
 */
export function area(values: Value[], peak: number, zero: number, height: number): string {
  const room = Math.max(zero, height - zero)
  const y = (v: number) => round(zero - (v / peak) * room)
  let path = ''
  let isOpen = false
  values.forEach((v, i) => {
    if (v === null || v === 0 || !(peak > 0)) {
      if (isOpen) path += `V${zero}Z`
      isOpen = false
      return
    }
    path += isOpen ? `V${y(v)}H${i + 1}` : `M${i} ${zero}V${y(v)}H${i + 1}`
    isOpen = true
  })
  return isOpen ? `${path}V${zero}Z` : path
}

/** The largest magnitude; 0 when nothing is known. */
export const peakOf = (...all: Value[][]): number => {
  let peak = 0
  for (const values of all) for (const v of values) peak = Math.max(peak, Math.abs(v ?? 0))
  return peak
}

const round = (v: number) => Math.round(v * 100) / 100
