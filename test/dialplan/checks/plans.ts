import { checkPlan } from '../../../src/dialplan/check.ts'
import type { Numbering } from '../../../src/dialplan/numbering.ts'
import {
  EMPTY_PLAN,
  type NumberEntry,
  type PlanSource,
  type PlanSurroundings,
  type RouteEntry,
} from '../../../src/dialplan/plan.ts'

const NO_OTHERWISE = { busy: null, noAnswer: null, offline: null, unavailable: null }

export function rule(name: string, match: string, to: string, more: Partial<RouteEntry> = {}): RouteEntry {
  return {
    ...{ ...NO_OTHERWISE, name, match, from: 'any', caller: null, when: null, overCalls: null, overCallsOf: 'any' },
    ...{ to: to.split(','), weights: null, strip: 0, prepend: '', number: null, callerId: null, after: null },
    ...more,
  }
}

export function ours(number: string, to: string, more: Partial<NumberEntry> = {}): NumberEntry {
  return {
    ...{ ...NO_OTHERWISE, number, to: to.split(','), trunk: null, label: null, after: null, availability: 'always' },
    ...{ schedule: null, overCalls: null, fallback: null },
    ...more,
  }
}

/** National numbers begin with +1, premium ones with +1900, those that don't exist with +10, and 911 is for emergencies. */
export const numbering: Numbering = {
  isEmergency: (raw) => raw === '911' || raw === '10111',
  read(raw) {
    if (!/^\+?\d{5,15}$/.test(raw)) return null
    const e164 = raw.startsWith('+') ? raw : `+1${raw}`
    const kind = e164.startsWith('+1900') ? 'premium' : e164.startsWith('+1') ? 'national' : 'international'
    return { raw, e164, known: !e164.startsWith('+10'), class: kind, region: null }
  },
}

const surroundings: PlanSurroundings = {
  isUser: (name) => ['101', '102', '103', 'alice'].includes(name),
  isApp: () => true,
  builtIn: (dialled) => (/^\*4[34]$/.test(dialled) ? dialled : null),
  allowed: (user) => (user === '101' ? ['internal', 'national'] : ['internal']),
  callerId: () => null,
  trunks: [{ name: 'out', emergency: true }],
  country: 'US',
  tz: 'America/New_York',
}

/** What is found, each as `severity about: message`. */
export function check(plan: Partial<PlanSource>, around: Partial<PlanSurroundings> = {}): string[] {
  const checking = checkPlan({ ...EMPTY_PLAN, ...plan }, { ...surroundings, ...around }, numbering)
  let step = checking.next()
  while (!step.done) step = checking.next()
  return step.value.map(({ severity, about, message }) => `${severity} ${about}: ${message}`)
}
