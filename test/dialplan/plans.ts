import { type CompiledPlan, compile } from '../../src/dialplan/decide.ts'
import type { Attempt, RouteQuery, Usage } from '../../src/dialplan/decision.ts'
import { numbering } from '../../src/dialplan/number.ts'
import {
  type DialClass,
  EMPTY_PLAN,
  type ForwardEntry,
  type GroupEntry,
  type NumberEntry,
  type Otherwise,
  type PlanSource,
  type PlanSurroundings,
  type RouteEntry,
} from '../../src/dialplan/plan.ts'
import type { Problem } from '../../src/dialplan/problem.ts'

/** 2026-12-16 is a Wednesday. */
export const NOON = Date.parse('2026-12-16T12:00:00Z')
export const NIGHT = Date.parse('2026-12-16T23:00:00Z')

export const NOTHING: Otherwise = { busy: null, noAnswer: null, offline: null, unavailable: null }

const german = numbering('DE')

export function surroundings(over: Partial<PlanSurroundings> = {}): PlanSurroundings {
  return {
    isUser: (name) => /^(10[1-9]|alice)$/.test(name),
    isApp: (name) => name === 'echo' || name === 'tone',
    builtIn: (dialled) => (dialled === '*43' ? 'echo' : null),
    allowed: (): readonly DialClass[] => ['internal', 'national'],
    callerId: (user) => (user === '101' ? '+493012345101' : null),
    trunks: [
      { name: 'one', emergency: false },
      { name: 'two', emergency: true },
      { name: 'three', emergency: true },
    ],
    country: 'DE',
    tz: 'UTC',
    ...over,
  }
}

export function rule(name: string, match: string, to: readonly string[], over: Partial<RouteEntry> = {}): RouteEntry {
  return {
    name,
    match,
    to,
    from: 'any',
    caller: null,
    when: null,
    overCalls: null,
    overCallsOf: 'any',
    weights: null,
    strip: 0,
    prepend: '',
    number: null,
    callerId: null,
    after: null,
    ...NOTHING,
    ...over,
  }
}

export function own(number: string, to: readonly string[], over: Partial<NumberEntry> = {}): NumberEntry {
  return {
    number,
    to,
    trunk: null,
    label: null,
    after: null,
    availability: 'always',
    schedule: null,
    overCalls: null,
    fallback: null,
    ...NOTHING,
    ...over,
  }
}

export function forward(user: string, over: Partial<ForwardEntry>): ForwardEntry {
  return { user, always: null, busy: null, noAnswer: null, offline: null, after: null, dnd: false, ...over }
}

export function group(name: string, members: readonly string[], over: Partial<GroupEntry> = {}): GroupEntry {
  return { name, members, order: 'together', step: 15, ...over }
}

/** How a named group is written in a destination or a number. */
export function part(name: string): string {
  return `\${${name}}`
}

export const office = {
  name: 'office',
  tz: 'UTC',
  open: ['mon-fri 09:00-17:00'],
  closed: [],
  special: [],
}

export function planOf(source: Partial<PlanSource>, around: Partial<PlanSurroundings> = {}): CompiledPlan {
  const compiled = compile({ ...EMPTY_PLAN, ...source }, surroundings(around), german)
  if ('problems' in compiled) throw new Error(compiled.problems.map(({ message }) => message).join('\n'))
  return compiled.plan
}

export function problemsOf(source: Partial<PlanSource>): readonly Problem[] {
  const compiled = compile({ ...EMPTY_PLAN, ...source }, surroundings(), german)
  return 'problems' in compiled ? compiled.problems : []
}

/** Counts by subject; what is not named is 0. */
export function usage(over: {
  up?: Record<string, number>
  today?: Record<string, number>
  minutes?: Record<string, number>
  idle?: Record<string, number>
}): Usage {
  return {
    callsUp: (subject) => over.up?.[subject] ?? 0,
    callsToday: (subject) => over.today?.[subject] ?? 0,
    minutesToday: (subject) => over.minutes?.[subject] ?? 0,
    idleSince: (user) => over.idle?.[user] ?? 0,
  }
}

export function from(user: string, dialled: string, over: Partial<RouteQuery> = {}): RouteQuery {
  return { caller: { kind: 'user', user }, dialled, at: NOON, draw: 0, usage: usage({}), ...over }
}

export function over(
  trunk: string,
  dialled: string,
  number: string | null = '+4989111111',
  more: Partial<RouteQuery> = {},
): RouteQuery {
  return { ...from('', dialled, more), caller: { kind: 'trunk', trunk, number } }
}

/** The attempt without how it came there. */
export function bare(attempt: Attempt | null): object | null {
  if (attempt === null) return null
  const { trail: _, rule: __, divertedBy: ___, ...rest } = attempt
  return rest
}
