// What the agent's short words mean to a resident.

import type { Day } from './grid'
import type { Device, PlanInfo } from './view'
import type { Units } from './units'
import { seconds, type Zone } from './zone'

const states = new Map([
  ['on', 'On'], ['off', 'Off'], ['charging', 'Charging'], ['discharging', 'Giving back'], ['idle', 'Idle'],
  ['waiting', 'Waiting'], ['held', 'Held'], ['fault', 'Fault'], ['offline', 'No answer'],
  ['importing', 'Importing'], ['exporting', 'Exporting'], ['producing', 'Producing'], ['unknown', 'Not heard yet'],
])

/** A state in words; one we do not know is shown as it came. */
export const stateText = (state: string): string => states.get(state) ?? state

export type Tone = 'active' | 'quiet' | 'bad'

export function tone(device: Device): Tone {
  if (device.state === 'fault' || device.state === 'offline') return 'bad'
  if (['on', 'charging', 'discharging', 'importing', 'exporting', 'producing'].includes(device.state)) return 'active'
  return 'quiet'
}

/** What it last said is too old to be used. */
export function isStale(device: Device, now: number): boolean {
  return device.state === 'offline' || (device.seen !== null && now - seconds(device.seen) > device.max_age_s)
}

/** Power in plain words: the sign is Hearth's, the reader's is a verb. */
export function flow(kind: string, w: number | null): string {
  if (w === null || Math.abs(w) < 0.5) return ''
  if (kind === 'grid') return w > 0 ? 'from the grid' : 'to the grid'
  if (kind === 'battery' || kind === 'vehicle') return w > 0 ? 'into the battery' : 'out of the battery'
  return w > 0 ? 'used' : 'produced'
}

/** How good the plan is and how old. */
export function planLine(plan: PlanInfo, units: Units, zone: Zone, now: number): string {
  const made = plan.made === null ? '' : ` Planned ${zone.when(seconds(plan.made), now)}.`
  return quality(plan, units) + made
}

function quality(plan: PlanInfo, units: Units): string {
  switch (plan.status) {
    case 'optimal':
      return `Proven the cheapest plan${(plan.gap ?? 0) < 0.005 ? '' : `, to within ${units.money(plan.gap)}`}.`
    case 'feasible':
      return plan.gap === null ? 'A good plan.' : `No plan could save more than ${units.money(plan.gap)} on top.`
    case 'relaxed':
      return 'Not everything you asked for can be met; this plan comes closest.'
    default:
      return 'There is no plan yet.'
  }
}

/** Whether any price is known of the later half of the chart; the slots before are the change days' slack. */
export function hasTomorrow(day: Day): boolean {
  return day.price.slice(Math.ceil(day.slots.count / 2) + 4).some((v) => v !== null)
}
