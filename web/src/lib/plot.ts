// The two plots of the chart: prices above, powers below, over the same time.

import uPlot from 'uplot'
import { stepsOn, stepsX, stepsY, type Day, type Value } from './grid'
import type { Units } from './units'
import type { Zone } from './zone'

/** Where the plotting area begins and ends in CSS pixels; both plots share it. */
export const left = 46
export const rightAxis = 40

export interface Look {
  width: number
  hours: number // between two labels of the time axis
  now: number
  isShown: (name: string) => boolean
  colour: (variable: string) => string // its value in the present colour scheme
  curve: (name: string) => string // the variable of a curve's colour
}

type Shape = Pick<uPlot.Options, 'series' | 'scales' | 'axes' | 'padding'>

export function priceHeight(width: number): number {
  return width < 560 ? 160 : 190
}

export function powerHeight(width: number): number {
  return width < 560 ? 220 : 250
}

/** Prices as a stepped area, greenness as a line on its own scale. */
export function drawPrices(into: HTMLElement, day: Day, units: Units, zone: Zone, look: Look): uPlot {
  const scale = units.priceScale()
  const price = day.price.map((v) => (v === null ? null : v * scale))
  const colour = look.colour('--curve-price')
  const shape: Shape = {
    padding: [12, 0, 0, 0],
    scales: {
      x: timeScale(day),
      y: { range: (_u, min, max) => withZero(min, max, 0.08) },
      carbon: { range: (_u, _min, max) => [0, (max || 1) * 1.15] },
    },
    series: [
      {},
      {
        show: look.isShown('price'), stroke: colour, width: 1.5, points: { show: false }, fillTo: () => 0,
        fill: (u) => deepening(u, colour),
      },
      { show: look.isShown('carbon'), scale: 'carbon', stroke: look.colour('--curve-carbon'), width: 2, points: { show: false } },
    ],
    axes: [
      { ...timeAxis(day, zone, look), show: true, size: 8, values: () => [] },
      { ...axis(look), scale: 'y', size: left, values: labels(price, (v) => units.number(v, scale === 1 ? 2 : 0)) },
      {
        ...axis(look), scale: 'carbon', side: 1, size: rightAxis, grid: { show: false },
        values: labels(day.carbon, (v) => units.number(v, 0)),
      },
    ],
  }
  return draw(into, shape, priceHeight(look.width), look, [stepsX(day.slots), stepsY(price), stepsY(day.carbon)])
}

/** Powers: what was measured as a filled line, what is planned as a dashed one. */
export function drawPowers(into: HTMLElement, day: Day, units: Units, zone: Zone, look: Look): uPlot {
  const shown = day.curves.filter((c) => look.isShown(c.name))
  const at = day.slots.index(look.now) ?? (look.now < day.slots.start ? -1 : day.slots.count)
  const series: uPlot.Series[] = [{}]
  const values: Value[][] = []
  for (const curve of shown) {
    const colour = look.colour(look.curve(curve.name))
    const planned = { stroke: colour, dash: [5, 4], points: { show: false }, fillTo: () => 0 }
    const steps = curve.name === 'grid' ? stepsY : stepsOn // a grid held at zero is worth a line
    series.push(
      { ...planned, width: 1, alpha: 0.5 },
      { ...planned, width: 1.75, fill: faint(colour, 0.07) },
      { stroke: colour, width: 2, fill: faint(colour, 0.13), points: { show: false }, fillTo: () => 0 },
    )
    values.push(
      steps(curve.plan).map((v, i) => (i < 2 * at ? v : null)),
      steps(curve.plan).map((v, i) => (i >= 2 * at ? v : null)),
      steps(curve.actual),
    )
  }
  const shape: Shape = {
    padding: [12, rightAxis, 0, 0],
    scales: { x: timeScale(day), y: { range: (_u, min, max) => withZero(min, max, 0.06) } },
    series,
    axes: [
      timeAxis(day, zone, look),
      {
        ...axis(look), scale: 'y', size: left,
        values: (u, ticks) => labels(values.flat(), (v) => units.number(v / 1000, ticks.some((t) => t % 1000) ? 1 : 0))(u, ticks),
      },
    ],
  }
  return draw(into, shape, powerHeight(look.width), look, [stepsX(day.slots), ...values])
}

function draw(into: HTMLElement, shape: Shape, height: number, look: Look, data: (Value[] | number[])[]): uPlot {
  const options: uPlot.Options = { ...shape, width: look.width, height, legend: { show: false }, cursor: { show: false } }
  return new uPlot(options, data as uPlot.AlignedData, into)
}

const timeScale = (day: Day): uPlot.Scale => ({
  time: false, // the labels are ours: uPlot's know no zone
  range: () => [day.slots.start, day.slots.from(day.slots.count)],
})

function timeAxis(day: Day, zone: Zone, look: Look): uPlot.Axis {
  const ticks = zone.ticks(day.slots.start, day.slots.from(day.slots.count), look.hours)
  return {
    ...axis(look), size: 28, gap: 6,
    splits: () => ticks,
    values: () => ticks.map((t) => zone.clock(t)),
    ticks: { show: false },
    grid: { show: true, stroke: look.colour('--rule'), width: 1 },
  }
}

const axis = (look: Look): uPlot.Axis => ({
  stroke: look.colour('--soft'),
  font: '11px system-ui, sans-serif',
  gap: 6,
  space: 34,
  ticks: { show: false },
  grid: { stroke: look.colour('--rule'), width: 1 },
})

/** The labels of an axis; none where nothing is known, for a scale of nothing would be an invention. */
const labels = (of: Value[], write: (v: number) => string) => (_u: uPlot, ticks: number[]) =>
  of.some((v) => v !== null) ? ticks.map(write) : []

/** The range with zero inside and some air beyond; a quiet scale where nothing is known. */
export function withZero(min: number | null, max: number | null, air: number): [number, number] {
  const low = Math.min(0, min ?? 0)
  const high = Math.max(0, max ?? 0)
  if (low === high) return [0, 1]
  const room = (high - low) * air
  return [low < 0 ? low - room : 0, high > 0 ? high + room : 0]
}

/** The dearer, the deeper: the same word as the height of the area. */
function deepening(u: uPlot, colour: string): CanvasGradient | string {
  const { top, height } = u.bbox
  if (!Number.isFinite(top + height) || height <= 0) return faint(colour, 0.2)
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height)
  gradient.addColorStop(0, faint(colour, 0.5))
  gradient.addColorStop(1, faint(colour, 0.06))
  return gradient
}

/** A colour written as #rrggbb with an opacity. */
export function faint(colour: string, opacity: number): string {
  return colour + Math.round(opacity * 255).toString(16).padStart(2, '0')
}
