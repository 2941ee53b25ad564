import type { Numbering } from '../numbering.ts'
import type { PlanSource, PlanSurroundings } from '../plan.ts'
import type { Finding } from './finding.ts'

/** Whether calls for help go out, and who has their numbers as a name and so can't be called. */
export function checkEmergency(
  { groups, numbers }: PlanSource,
  surroundings: PlanSurroundings,
  numbering: Numbering,
): readonly Finding[] {
  const taken: string[] = []
  for (const name of shortNumbers()) if (numbering.isEmergency(name) && surroundings.isUser(name)) taken.push(name)
  const emergencyGroups = groups.filter(({ name }) => numbering.isEmergency(name))
  return [
    ...noWayOut(surroundings),
    ...taken.map((name) => hidden('user', name)),
    ...emergencyGroups.map(({ name }) => hidden('group', name)),
    ...numbers.filter(({ number }) => numbering.isEmergency(number)).map(({ number }) => hidden('number', number)),
  ]
}

/** Where emergency numbers lie: of two to four digits, and of five those that begin with 1, as in South Africa. */
function* shortNumbers(): Iterable<string> {
  for (const digits of [2, 3, 4]) for (let n = 0; n < 10 ** digits; n++) yield String(n).padStart(digits, '0')
  for (let n = 10_000; n < 20_000; n++) yield String(n)
}

function noWayOut({ trunks }: PlanSurroundings): readonly Finding[] {
  if (trunks.length === 0 || trunks.some(({ emergency }) => emergency)) return []
  const message =
    'no trunk is marked for emergency calls, so they try every trunk in order; mark those that take them with trunk set NAME --emergency'
  return [{ severity: 'warning', about: 'emergency numbers', message }]
}

function hidden(kind: string, name: string): Finding {
  const message = `${name} is an emergency number, so that nobody reaches this ${kind} by dialling it; give it another name`
  return { severity: 'error', about: `${kind} ${name}`, message }
}
