import type { PlanSource, PlanSurroundings } from '../plan.ts'
import type { Finding } from './finding.ts'

/** What is there and used by nothing, or is not there and is needed: schedules, groups, numbers, trunks, the country. */
export function checkNetwork(source: PlanSource, surroundings: PlanSurroundings): readonly Finding[] {
  return [
    ...country(source, surroundings),
    ...emptyGroups(source),
    ...numbersOfNoTrunk(source, surroundings),
    ...unusedTrunks(source, surroundings),
    ...unusedSchedules(source),
  ]
}

function country({ numbers }: PlanSource, surroundings: PlanSurroundings): readonly Finding[] {
  if (surroundings.country !== null || (surroundings.trunks.length === 0 && numbers.length === 0)) return []
  const message =
    'the country of this server is not set, so only numbers with a plus are read, and of emergency numbers only 112 and 911 are known; set country in offhook.yaml'
  return [{ severity: 'warning', about: 'country', message }]
}

function emptyGroups({ groups }: PlanSource): readonly Finding[] {
  const empty = groups.filter(({ members }) => members.length === 0)
  return empty.map(({ name }) => ({
    severity: 'warning',
    about: `group ${name}`,
    message: 'it has no members, so that nobody rings; add some with --members',
  }))
}

function numbersOfNoTrunk({ numbers }: PlanSource, { trunks }: PlanSurroundings): readonly Finding[] {
  const names = new Set(trunks.map(({ name }) => name))
  const lost = numbers.filter(({ trunk }) => (trunk === null ? names.size === 0 : !names.has(trunk)))
  return lost.map(({ number, trunk }) => ({
    severity: 'warning',
    about: `number ${number}`,
    message:
      trunk === null
        ? 'there is no trunk that could bring calls for it; add one with trunk add'
        : `only trunk ${trunk} may bring calls for it, and there is no such trunk`,
  }))
}

function unusedTrunks(source: PlanSource, { trunks }: PlanSurroundings): readonly Finding[] {
  const used = new Set([
    ...destinationsOf(source),
    ...source.routes.map(({ from }) => from),
    ...source.numbers.map(({ trunk }) => `trunk:${trunk}`),
  ])
  const unused = trunks.filter(({ name, emergency }) => !emergency && !used.has(`trunk:${name}`))
  return unused.map(({ name }) => ({
    severity: 'note',
    about: `trunk ${name}`,
    message: 'no rule sends calls out by it, and no rule and no number is for it alone',
  }))
}

function destinationsOf({ routes, numbers, callers }: PlanSource): readonly (string | null)[] {
  const entries = [...routes, ...numbers]
  return [
    ...entries.flatMap(({ to, busy, noAnswer, offline, unavailable }) => [...to, busy, noAnswer, offline, unavailable]),
    ...numbers.map(({ fallback }) => fallback),
    ...callers.map(({ to }) => to),
  ]
}

function unusedSchedules({ schedules, routes, numbers }: PlanSource): readonly Finding[] {
  const used = new Set([
    ...routes.map(({ when }) => when?.replace(/^!/, '')),
    ...numbers.map(({ schedule }) => schedule),
  ])
  const unused = schedules.filter(({ name }) => !used.has(name))
  return unused.map(({ name }) => ({
    severity: 'note',
    about: `schedule ${name}`,
    message: 'no rule and no number uses it',
  }))
}
