import { circles } from './circles.ts'
import type { CompiledPlan, Group, Limit, OwnNumber, Rule } from './compiled.ts'
import { checkCaller, compileNumber } from './compileNumber.ts'
import { checkExpectation, checkForward, checkGroupEntry, compileLimit } from './compileRest.ts'
import { compileRoute, type Parts } from './compileRoute.ts'
import { shown } from './destination.ts'
import type { Numbering } from './numbering.ts'
import type { PlanSource, PlanSurroundings } from './plan.ts'
import { type EntryKind, type Problem, sayingOf } from './problem.ts'
import { namesIn } from './references.ts'
import { indexRules } from './ruleIndex.ts'
import { type CompiledSchedule, compileSchedule } from './schedule.ts'

/**
 * Makes of what an admin has said a plan that can be asked on every call, or says all that is wrong with it. Expressions that
 * were compiled before are not compiled again.
 */
export function compile(
  source: PlanSource,
  surroundings: PlanSurroundings,
  numbering: Numbering,
): { readonly plan: CompiledPlan } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [...doubles(source)]
  const parts: Parts = {
    names: namesIn(source, surroundings, numbering),
    groups: new Map(source.groups.map((entry) => [entry.name, entry])),
    schedules: compileSchedules(source, problems),
  }
  const rules = compileRules(source, parts, problems)
  const plan: CompiledPlan = {
    source,
    surroundings,
    numbering,
    rules,
    index: indexRules(rules.map(({ match }) => match.prefix)),
    rulesByName: new Map(rules.map((rule) => [rule.entry.name, rule])),
    groups: compileGroups(source, parts, problems),
    numbers: compileNumbers(source, parts, problems),
    forwards: new Map(source.forwards.map((entry) => [entry.user, entry])),
    limits: compileLimits(source, parts, problems),
  }
  checkOthers(source, parts, problems)
  problems.push(...circles(source, numbering))
  return problems.length > 0 ? { problems } : { plan }
}

/** Entries that share their key, and those without one. */
function doubles(source: PlanSource): readonly Problem[] {
  return [
    ...doublesOf(
      'route',
      source.routes.map(({ name }) => name),
    ),
    ...doublesOf(
      'group',
      source.groups.map(({ name }) => name),
    ),
    ...doublesOf(
      'number',
      source.numbers.map(({ number }) => number),
    ),
    ...doublesOf(
      'caller',
      source.callers.map(({ number, caller }) => `${number} ${caller}`),
    ),
    ...doublesOf(
      'schedule',
      source.schedules.map(({ name }) => name),
    ),
    ...doublesOf(
      'limit',
      source.limits.map(({ subject }) => subject),
    ),
    ...doublesOf(
      'forward',
      source.forwards.map(({ user }) => user),
    ),
  ]
}

function doublesOf(kind: EntryKind, keys: readonly string[]): readonly Problem[] {
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (const key of keys) {
    if (key === '') sayingOf(problems, kind, key)('it has no name; give it one')
    if (seen.has(key)) sayingOf(problems, kind, key)(`there are two of ${shown(key)}; remove one`)
    seen.add(key)
  }
  return problems
}

function compileSchedules(source: PlanSource, problems: Problem[]): ReadonlyMap<string, CompiledSchedule> {
  const schedules = new Map<string, CompiledSchedule>()
  for (const entry of source.schedules) {
    const compiled = compileSchedule(entry)
    if ('problem' in compiled) sayingOf(problems, 'schedule', entry.name)(compiled.problem)
    else schedules.set(entry.name, compiled)
  }
  return schedules
}

function compileRules(source: PlanSource, parts: Parts, problems: Problem[]): readonly Rule[] {
  const rules: Rule[] = []
  for (const entry of source.routes) {
    const rule = compileRoute(entry, rules.length, parts, sayingOf(problems, 'route', entry.name))
    if (rule) rules.push(rule)
  }
  return rules
}

function compileGroups(source: PlanSource, parts: Parts, problems: Problem[]): ReadonlyMap<string, Group> {
  for (const entry of source.groups) checkGroupEntry(entry, parts.names, sayingOf(problems, 'group', entry.name))
  return new Map(source.groups.map((entry) => [entry.name, { entry }]))
}

function compileNumbers(source: PlanSource, parts: Parts, problems: Problem[]): ReadonlyMap<string, OwnNumber> {
  const callers = new Map<string, Map<string, string>>()
  for (const entry of source.callers) {
    checkCaller(entry, parts.names, sayingOf(problems, 'caller', `${entry.number} ${entry.caller}`))
    const there = callers.get(entry.number) ?? new Map<string, string>()
    callers.set(entry.number, there.set(entry.caller, entry.to))
  }
  const compiled = source.numbers.map((entry) => {
    const says = sayingOf(problems, 'number', entry.number)
    return compileNumber(entry, callers.get(entry.number) ?? new Map(), parts, says)
  })
  return new Map(compiled.map((own) => [own.entry.number, own]))
}

function compileLimits(source: PlanSource, parts: Parts, problems: Problem[]): ReadonlyMap<string, Limit> {
  const limits = source.limits.map((entry) => {
    return [entry.subject, compileLimit(entry, parts.names, sayingOf(problems, 'limit', entry.subject))] as const
  })
  return new Map(limits)
}

function checkOthers(source: PlanSource, { names }: Parts, problems: Problem[]): void {
  for (const entry of source.forwards) checkForward(entry, names, sayingOf(problems, 'forward', entry.user))
  for (const entry of source.expectations) {
    checkExpectation(entry, names, sayingOf(problems, 'expectation', `${entry.number} from ${entry.from}`))
  }
}
