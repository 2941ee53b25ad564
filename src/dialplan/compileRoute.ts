import type { From, Rule, When } from './compiled.ts'
import { shown } from './destination.ts'
import { compileExpression, type Expression } from './expression.ts'
import { refusesOnly } from './forms.ts'
import type { GroupEntry, Otherwise, RouteEntry } from './plan.ts'
import type { Says } from './problem.ts'
import {
  checkDestination,
  checkGroup,
  checkPlaces,
  checkSchedule,
  checkTrunk,
  checkUser,
  type Names,
} from './references.ts'
import type { CompiledSchedule } from './schedule.ts'
import { placesIn } from './template.ts'

/** What rules refer to that is compiled before them. */
export interface Parts {
  readonly names: Names
  readonly groups: ReadonlyMap<string, GroupEntry>
  readonly schedules: ReadonlyMap<string, CompiledSchedule>
}

/** Compiles a rule; null: it was said what is wrong. */
export function compileRoute(entry: RouteEntry, place: number, parts: Parts, says: Says): Rule | null {
  const { names } = parts
  const match = expressionOf('match', entry.match, says)
  const caller = entry.caller === null ? null : expressionOf('caller', entry.caller, says)
  const from = fromOf(entry.from, parts, says)
  const when = entry.when === null ? null : whenOf(entry.when, parts, says)
  const groups = match?.names ?? []
  if (match) {
    checkTo(entry.to, groups, names, says)
    checkDialled(entry, groups, says)
  }
  checkOtherwise(entry, names, says)
  checkWeights(entry, says)
  checkOverCalls(entry.overCalls, entry.overCallsOf, names, says)
  checkCallerId(entry.callerId, says)
  checkAfter(entry.after, says)
  if (!match || !from) return null
  const all = [...entry.to, ...otherwiseOf(entry)]
  return {
    entry,
    place,
    match,
    from,
    caller,
    when,
    goesOut: all.some((text) => /^(trunk|number|sip):/.test(text)),
    dials: all.some((text) => text.startsWith('trunk:')),
    refuses: refusesOnly(entry),
  }
}

/** The destinations that an entry names for when it is not taken. */
export function otherwiseOf({ busy, noAnswer, offline, unavailable }: Otherwise): readonly string[] {
  return [busy, noAnswer, offline, unavailable].filter((text) => text !== null)
}

export function checkTo(to: readonly string[], groups: readonly string[], names: Names, says: Says): void {
  if (to.length === 0) says('it goes nowhere; name a destination')
  for (const text of to) checkDestination(text, groups, names, says)
}

export function checkOtherwise(otherwise: Otherwise, names: Names, says: Says): void {
  for (const text of otherwiseOf(otherwise)) checkDestination(text, [], names, says)
}

export function checkAfter(after: number | null, says: Says): void {
  if (after !== null && !isWhole(after, 1, 3600)) says(`${after} s is no time to ring; write 1s to 3600s`)
}

export function isWhole(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to
}

function expressionOf(field: string, text: string, says: Says): Expression | null {
  const compiled = compileExpression(text)
  if (!('problem' in compiled)) return compiled
  says(`${field} ${shown(text)} is no expression that can be used: ${compiled.problem}`, compiled.position)
  return null
}

function fromOf(text: string, { names, groups }: Parts, says: Says): From | null {
  const [, kind = text, name = ''] = /^(user|group|trunk):(.+)$/s.exec(text) ?? []
  switch (kind) {
    case 'any':
      return { kind }
    case 'user':
      checkUser(name, names, says)
      return { kind, user: name }
    case 'group':
      checkGroup(name, names, says)
      return { kind, group: name, members: new Set(groups.get(name)?.members) }
    case 'trunk':
      checkTrunk(name, names, says)
      return { kind, trunk: name }
    default:
      says(`${shown(text)} is nobody that calls; write from any, user:101, group:sales or trunk:NAME`)
      return null
  }
}

function whenOf(text: string, { names, schedules }: Parts, says: Says): When | null {
  const open = !text.startsWith('!')
  const name = open ? text : text.slice(1)
  const schedule = schedules.get(name)
  // One that could not be compiled has had its own sentence.
  if (!schedule) checkSchedule(name, names, says)
  return schedule ? { name, schedule, open } : null
}

function checkDialled({ strip, prepend, number }: RouteEntry, groups: readonly string[], says: Says): void {
  if (!isWhole(strip, 0, 64)) says(`strip ${strip} is no count of characters; write 0 to 64`)
  if (!/^[\w+*#.-]{0,64}$/.test(prepend)) says(`prepend ${shown(prepend)} cannot be dialled; write digits, + * or #`)
  if (number === null) return
  if (strip !== 0 || prepend !== '') says('number replaces what is dialled: leave out strip and prepend, or number')
  if (!checkPlaces(number, placesIn(number), groups, says)) return
  if (number === '' || !/^[\w+*#.-]{0,64}$/.test(number.replace(/\$\{[^}]*\}/g, ''))) {
    says(`number ${shown(number)} cannot be dialled; write digits, + * # and \${name} for named groups`)
  }
}

function checkWeights({ to, weights }: RouteEntry, says: Says): void {
  if (weights === null) return
  const bad = weights.find((weight) => !isWhole(weight, 0, 65_535))
  if (weights.length !== to.length)
    says(`it has ${weights.length} weights for ${to.length} destinations; give each one`)
  else if (bad !== undefined) says(`weight ${bad} is no whole number from 0 to 65535`)
  else if (weights.every((weight) => weight === 0)) says('all its weights are 0; give one at least 1')
}

function checkOverCalls(overCalls: number | null, of: string, names: Names, says: Says): void {
  if (overCalls === null) return
  if (!isWhole(overCalls, 1, 1_000_000)) says(`over-calls ${overCalls} is no count of calls; write 1 or more`)
  if (of === 'any') return
  if (of.startsWith('trunk:')) return checkTrunk(of.slice('trunk:'.length), names, says)
  if (!of.startsWith('number:') || !names.numbers.has(of.slice('number:'.length))) {
    says(`${shown(of)} has no calls to count; write any, trunk:NAME or one of our numbers as number:+15551234567`)
  }
}

function checkCallerId(callerId: string | null, says: Says): void {
  if (callerId !== null && !/^\+[1-9]\d{4,14}$/.test(callerId)) {
    says(`caller ID ${shown(callerId)} is no number; write it as +15551234567`)
  }
}
