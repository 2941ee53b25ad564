import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import type { RouteEntry } from '../../../src/dialplan/plan.ts'
import { runs } from '../../support/runs.ts'
import { check, numbering, rule } from './plans.ts'

/** Who may call, from which number, while the office is open or not, with how many calls up. */
interface Situation {
  readonly from: string
  readonly caller: string
  readonly open: boolean
  readonly callsUp: number
}

const SITUATIONS: readonly Situation[] = ['user:101', 'user:102', 'trunk:out', 'trunk:two'].flatMap((from) =>
  ['anonymous', '+12', '+13'].flatMap((caller) =>
    [true, false].flatMap((open) => [0, 2, 4].map((callsUp) => ({ from, caller, open, callsUp }))),
  ),
)

const OF_USERS = SITUATIONS.filter(({ from }) => from.startsWith('user:'))

const SHORT = [1, 2].flatMap((length) => words(length))
const DIALLED = [...SHORT, ...words(3)]

function words(length: number): string[] {
  return length === 0 ? [''] : words(length - 1).flatMap((word) => ['0', '1', '2', '7', 'a'].map((char) => word + char))
}

const rules: fc.Arbitrary<readonly RouteEntry[]> = fc
  .array(
    fc.record({
      match: fc.constantFrom(
        '\\d+',
        '0\\d*',
        '[01]+',
        '7\\d*',
        '[07]\\d?',
        '\\d{2}',
        '1.*',
        '(0|1)7',
        '11|77',
        '.{1,2}',
      ),
      from: fc.constantFrom('any', 'any', 'any', 'user:101', 'group:one', 'group:all', 'trunk:out'),
      caller: fc.constantFrom(null, null, null, '\\+1.*', '\\+12', 'anonymous'),
      when: fc.constantFrom(null, null, null, 'office', '!office'),
      overCalls: fc.constantFrom(null, null, null, 1, 3),
      to: fc.constantFrom(['user:101'], ['trunk:out'], ['user:102', 'trunk:two'], ['app:echo']),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .map((all) => all.map(({ match, to, ...more }, i) => rule(`r${i}`, match, to.join(), more)))

const GROUPS = [
  { name: 'one', members: ['101'], order: 'together', step: 10 },
  { name: 'all', members: ['101', '102'], order: 'together', step: 10 },
] as const

t.test('what is said never to get a call gets none, whoever dials what and when', async (t) => {
  const counts = { never: 0, trunksAlone: 0, gets: 0 }
  fc.assert(
    fc.property(rules, (routes) => {
      const schedules = [{ name: 'office', tz: 'UTC', open: [], closed: [], special: [] }]
      const said = check({ routes, schedules, groups: GROUPS })
      const used = usedBy(SITUATIONS, SHORT, routes)
      const usedByUsers = usedBy(OF_USERS, SHORT, routes)
      return routes.every(({ name }) => {
        const never = said.some((text) => text.startsWith(`warning route ${name}: it never gets a call`))
        const trunksAlone = said.some((text) => text.startsWith(`note route ${name}: it gets calls from trunks alone`))
        if (never) counts.never++
        else if (trunksAlone) counts.trunksAlone++
        else counts.gets++
        return !(never && used.has(name)) && !(trunksAlone && usedByUsers.has(name))
      })
    }),
    { numRuns: runs(250), seed: 11 },
  )
  t.ok(counts.never > runs(20) && counts.trunksAlone >= runs(2) && counts.gets > runs(500), JSON.stringify(counts))
})

t.test('of rules without conditions each that gets no call is named', async () => {
  const plain = rules.map((all) => all.map(({ name, match }) => rule(name, match, `user:${name}`)))
  const situation: Situation = { from: 'user:101', caller: '+12', open: true, callsUp: 0 }
  fc.assert(
    fc.property(plain, (routes) => {
      const said = check({ routes })
        .filter((text) => text.includes('never gets a call'))
        .map((text) => text.split(/[ :]/)[2])
      const used = usedBy([situation], DIALLED, routes)
      return routes.every(({ name }) => said.includes(name) !== used.has(name))
    }),
    { numRuns: runs(250), seed: 12 },
  )
})

/** National numbers, a half of them not known to exist; as E.164 as well, and with a letter. */
const NATIONAL = numbers(5).flatMap((digits) => [digits, `+1${digits}`, `+1${digits}a`])

function numbers(length: number): string[] {
  return length === 0 ? [''] : numbers(length - 1).flatMap((digits) => ['0', '5'].map((digit) => digits + digit))
}

const formed: fc.Arbitrary<readonly RouteEntry[]> = fc
  .array(
    fc.record({
      match: fc.constantFrom(
        '\\+1\\d+',
        '\\+10\\d+',
        '\\+1.*',
        '\\+1[05]5\\d*',
        '\\+15\\d{4}',
        '\\d+',
        '0\\d{4}|\\+10\\d{4}',
        '(\\+1)?\\d{5}',
        '\\+1.*[^\\d]',
      ),
      to: fc.constantFrom('user:101', 'reject:403', 'reject:403'),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .map((all) => all.map(({ match, to }, i) => rule(`r${i}`, match, to)))

t.test('numbers however they are dialled: what is said never to get a call gets none', async (t) => {
  const counts = { never: 0, byForm: 0 }
  fc.assert(
    fc.property(formed, (routes) => {
      const said = check({ routes }).flatMap((text) => /^warning route (r\d): it never/.exec(text)?.[1] ?? [])
      const used = new Set(NATIONAL.map((dialled) => routes.find((entry) => takes(entry, dialled))?.name))
      const asDialled = new Set(NATIONAL.map((dialled) => routes.find(({ match }) => matches(match, dialled))?.name))
      counts.never += said.length
      counts.byForm += routes.filter(({ name }) => used.has(name) && !asDialled.has(name)).length
      return routes.every(({ name }) => !said.includes(name) || !used.has(name))
    }),
    { numRuns: 500, seed: 13 },
  )
  t.ok(counts.never > 100 && counts.byForm > 10, JSON.stringify(counts))
})

/** As rules are asked, without an index. */
function takes({ match, to }: RouteEntry, dialled: string): boolean {
  if (matches(match, dialled)) return true
  const read = numbering.read(dialled)
  const counts = read?.known || to.every((text) => text.startsWith('reject:'))
  return read?.e164 != null && counts && matches(match, read.e164)
}

/** The rules that are the first to match for some of what may be dialled. */
function usedBy(
  situations: readonly Situation[],
  texts: readonly string[],
  routes: readonly RouteEntry[],
): ReadonlySet<string> {
  const used = new Set<string>()
  for (const situation of situations) {
    const asked = routes.filter((entry) => holds(entry, situation))
    for (const dialled of texts) used.add(asked.find(({ match }) => matches(match, dialled))?.name ?? '')
  }
  return used
}

function holds({ from, caller, when, overCalls, to }: RouteEntry, situation: Situation): boolean {
  const outside = situation.from.startsWith('trunk:')
  const members = GROUPS.find(({ name }) => from === `group:${name}`)?.members.map((user) => `user:${user}`)
  const asks = from === 'any' ? !outside || !to.some((text) => text.startsWith('trunk:')) : from === situation.from
  return (
    (asks || members?.includes(situation.from) === true) &&
    (caller === null || matches(caller, situation.caller)) &&
    (when === null || situation.open === (when === 'office')) &&
    (overCalls === null || situation.callsUp >= overCalls)
  )
}

/** By expression and text: each is asked thousands of times. */
const known = new Map<string, boolean>()

function matches(pattern: string, text: string): boolean {
  const key = `${pattern} ${text}`
  const answer = known.get(key) ?? RE2JS.compile(pattern).matches(text)
  known.set(key, answer)
  return answer
}
