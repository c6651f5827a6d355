// What grid operators ask of the home, in words and as spans of the chart.

import type { Slots } from './grid'
import type { Order } from './view'
import { seconds, type Zone } from './zone'

export type Weight = 'press' | 'ask' | 'tell'

/** How loud an order is shown: an emergency presses, what changes the plan asks, the rest is only told. */
export function weight(order: Order): Weight {
  if (order.kind === 'emergency' || order.kind === 'outage') return 'press'
  return order.kind === 'notice' || order.kind === 'unfollowed' ? 'tell' : 'ask'
}

export const isNow = (order: Order, now: number): boolean =>
  seconds(order.from) <= now && (order.to === null || now < seconds(order.to))

/** The orders that matter most first: those that hold now, then by how hard they press, then by time. */
export function ranked(orders: Order[], now: number): Order[] {
  const loud: Weight[] = ['press', 'ask', 'tell']
  const rank = (o: Order) => (isNow(o, now) ? 0 : 3) + loud.indexOf(weight(o))
  return [...orders].sort((a, b) => rank(a) - rank(b) || seconds(a.from) - seconds(b.from))
}

/** "until 20:00", "18:00 to 20:00", "from 18:00 until further notice"; the day is named when it is not today. */
export function whenText(order: Order, zone: Zone, now: number): string {
  const from = seconds(order.from)
  if (order.to === null) {
    return from <= now ? 'until further notice' : `from ${zone.when(from, now)} until further notice`
  }
  const to = seconds(order.to)
  return from <= now ? `until ${zone.when(to, now)}` : zone.span(from, to, now)
}

export interface Asked {
  start: number
  end: number
  titles: string[]
  weight: Weight
}

/**
 * The part of the chart each order covers, those of one time together; what only warns people is not drawn.
 *
 *   limit   [------)            alert   [--------)
 *   limit   [------)            drawn   [--------)
 *   drawn   [------)
 */
export function asked(orders: Order[], slots: Slots): Asked[] {
  const found = new Map<string, Asked>()
  const last = slots.from(slots.count)
  for (const order of orders) {
    const start = Math.max(slots.start, seconds(order.from))
    const end = Math.min(last, order.to === null ? last : seconds(order.to))
    if (weight(order) === 'tell' || !(start < end)) continue
    const key = `${start} ${end}`
    const same = found.get(key)
    if (!same) found.set(key, { start, end, titles: [order.title], weight: weight(order) })
    else {
      same.titles.push(order.title)
      if (weight(order) === 'press') same.weight = 'press'
    }
  }
  return [...found.values()]
}

/** What is asked at an instant, in a few words; empty when nothing is. */
export function askedAt(all: Asked[], at: number): string {
  const titles = all.filter((a) => a.start <= at && at < a.end).flatMap((a) => a.titles)
  return titles.length < 2 ? (titles[0] ?? '') : `${titles[0]} and ${titles.length - 1} more`
}
