import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import { type CompiledPlan, compile, explain, goOn, route } from '../../src/dialplan/decide.ts'
import type { Attempt, Cause, RouteQuery } from '../../src/dialplan/decision.ts'
import { numbering } from '../../src/dialplan/number.ts'
import type { PlanSource, RouteEntry } from '../../src/dialplan/plan.ts'
import { forward, from, group, NIGHT, NOON, office, over, own, rule, surroundings, usage } from './plans.ts'

const german = numbering('DE')
const USERS = ['101', '102', '103', 'alice']
const OURS = ['+4930555', '+4930666']
const DESTINATIONS = [
  'group:a',
  'trunk:three',
  ...USERS.map((user) => `user:${user}`),
  'group:a',
  'group:b',
  'trunk:one',
  'trunk:two',
  ...OURS.map((number) => `number:${number}`),
  'number:+4989123456',
  'number:+33123456789',
  'sip:x@example.com',
  'app:echo',
  'reject:486',
]

const destination = fc.constantFrom(...DESTINATIONS)
const maybe = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: destination })
const otherwise = { busy: maybe, noAnswer: maybe, offline: maybe, unavailable: maybe }
/** Pieces of expressions that overlap often, and some that are dear to match. */
const piece = fc.constantFrom(
  '\\+',
  '49',
  '0',
  '1',
  '\\d',
  '\\d+',
  '[1-5]',
  '.*',
  '(0|1)?',
  '(00|\\+)',
  '30',
  '(1|0)*1',
  '(?P<x>\\d*)',
  'a',
)
const expression = fc
  .oneof(
    fc.array(piece, { minLength: 1, maxLength: 5 }),
    piece.map((one) => [one, '.*']),
    // What one would write, which numbers match however they are dialled.
    fc.constantFrom('\\+49\\d+', '\\+4930(?P<x>\\d*)', '\\+49900\\d+', '\\+499.*').map((one) => [one]),
  )
  .map((pieces) => pieces.join('').replace(/(\(\?P<x>.*)\(\?P<x>/g, '$1('))
const caller = fc.constantFrom('any', 'any', 'any', 'user:101', 'group:a', 'trunk:one')

const entry: fc.Arbitrary<Partial<RouteEntry>> = fc.record({
  match: expression,
  from: caller,
  caller: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: expression }),
  when: fc.constantFrom(null, null, 'office', '!office'),
  overCalls: fc.constantFrom(null, null, null, null, 1, 2, 3),
  to: fc.oneof(
    { weight: 4, arbitrary: fc.array(destination, { minLength: 1, maxLength: 4, size: '+1' }) },
    { weight: 2, arbitrary: fc.constantFrom(['reject:403'], ['reject:486', 'reject:603']) },
  ),
  strip: fc.integer({ min: 0, max: 3 }),
  prepend: fc.constantFrom('', '0', '+49'),
  ...otherwise,
})

const source: fc.Arbitrary<PlanSource> = fc.record({
  routes: fc
    .array(entry, { minLength: 4, maxLength: 12 })
    .map((entries) => entries.map((one, i) => rule(`r${i}`, '', [], one))),
  groups: fc
    .tuple(fc.subarray(USERS), fc.subarray(USERS), fc.constantFrom('together', 'in-turn', 'longest-idle'))
    .map(([a, b, order]) => [group('a', a, { order }), group('b', b)]),
  numbers: fc
    .array(fc.record({ to: fc.array(destination, { minLength: 1, maxLength: 3 }), fallback: maybe, ...otherwise }), {
      minLength: 2,
      maxLength: 2,
    })
    .map((all) => all.map(({ to, ...one }, i) => own(OURS[i] ?? '', to, one))),
  callers: fc.constantFrom([], [{ number: '+4930555', caller: '+4989111111', to: 'user:101' }]),
  schedules: fc.constant([office]),
  limits: fc.constantFrom(
    [],
    [{ subject: 'trunk:one', calls: 1, callsPerDay: null, minutesPerDay: null, night: null }],
  ),
  forwards: fc
    .array(fc.record({ always: maybe, busy: maybe, noAnswer: maybe, offline: maybe, dnd: fc.boolean() }), {
      maxLength: 4,
    })
    .map((all) => all.map((one, i) => forward(USERS[i] ?? '', one))),
  expectations: fc.constant([]),
})

const dialled = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('112', '*43', '101', 'a', 'b', '+4930555', '030666', '49', '+', '') },
  { weight: 4, arbitrary: fc.stringMatching(/^\+?[0149]{1,12}$/) },
  { weight: 2, arbitrary: fc.constantFrom('030987654', '0049 30 987654', '4930123', 'tel:+4930123', '9030123') },
  { weight: 2, arbitrary: fc.constantFrom('0900123456', '049900123456', '+49900123456', '9987654') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 5000 }).map((length) => '01'.repeat(length)) },
)

const query: fc.Arbitrary<RouteQuery> = fc
  .record({
    who: fc.constantFrom('101', 'alice', 'trunk'),
    number: fc.oneof(fc.constantFrom(null, '+4989111111', '+33123'), fc.string({ unit: 'binary', maxLength: 200 })),
    dialled,
    at: fc.constantFrom(NOON, NIGHT),
    draw: fc.double({ min: 0, max: 0.999, noNaN: true }),
    up: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ who, number, dialled, up, ...rest }) => {
    const more = { ...rest, usage: usage({ up: { any: up, 'trunk:one': up } }) }
    return who === 'trunk' ? over('one', dialled, number, more) : from(who, dialled, more)
  })

const causes = fc.array(fc.constantFrom<Cause[]>('busy', 'no-answer', 'offline', 'unavailable'), { minLength: 1 })

/** Without the problems that a plan of chance has: what is left can be asked. */
function planFrom(chance: PlanSource): CompiledPlan | null {
  const around = surroundings({ allowed: () => ['internal', 'national', 'international'] })
  const compiled = compile(chance, around, german)
  if ('plan' in compiled) return compiled.plan
  const straight = {
    ...chance,
    forwards: [],
    numbers: chance.numbers.map((one) => ({ ...one, to: ['user:101'], ...NOWHERE })),
  }
  const again = compile(straight, around, german)
  return 'plan' in again ? again.plan : null
}

const NOWHERE = { fallback: null, busy: null, noAnswer: null, offline: null, unavailable: null }

t.test('no plan and no number makes it throw, loop, or ring anybody twice', async (t) => {
  let asked = 0
  const attempts: number[] = []
  fc.assert(
    fc.property(source, query, causes, (chance, query, causes) => {
      const plan = planFrom(chance)
      if (plan === null) return
      asked++
      let attempt: Attempt | null = route(query, plan)
      const rung: string[] = []
      for (let i = 0; attempt !== null; i++) {
        if (i > 50) throw new Error('it goes on for ever')
        if (attempt.action === 'ring') rung.push(...attempt.users)
        if (attempt.action === 'dial') rung.push(`${attempt.trunk} ${attempt.number.raw}`)
        attempt = goOn(attempt, causes[i % causes.length] ?? 'busy', query, plan)
      }
      attempts.push(rung.length)
      if (new Set(rung).size !== rung.length) throw new Error(`twice: ${rung}`)
    }),
    { numRuns: 1500, seed: 6 },
  )
  t.ok(asked > 700, `${asked} plans were asked`)
  const chains = attempts.filter((count) => count > 2).length
  t.ok(chains > 20, `${chains} chains of three and more among them`)
})

t.test('whatever an admin writes, compiling says what is wrong and never throws', async (t) => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    destination,
    expression,
  )
  const number = fc.oneof(fc.integer(), fc.double())
  const wild = fc.record({
    match: text,
    to: fc.array(text, { maxLength: 3 }),
    from: text,
    caller: fc.option(text),
    when: fc.option(text),
  })
  const numbers = fc.record({
    strip: number,
    prepend: text,
    number: fc.option(text),
    callerId: fc.option(text),
    after: number,
    weights: fc.array(number),
  })
  let refused = 0
  fc.assert(
    fc.property(wild, numbers, text, query, (a, b, name, query) => {
      const routes = [rule(name, '', [], { ...a, ...b })]
      const forwards = [forward(name, { always: a.to[0] ?? null }), forward('101', { busy: a.from })]
      const limits = [{ subject: a.from, calls: b.strip, callsPerDay: null, minutesPerDay: null, night: b.prepend }]
      const expectations = [{ number: name, from: a.from, caller: null, at: a.match, to: b.prepend }]
      const schedules = [{ name, tz: a.match, open: a.to, closed: a.to, special: a.to }]
      const callers = [{ number: name, caller: a.match, to: a.from }]
      const wildSource: PlanSource = {
        routes,
        forwards,
        limits,
        expectations,
        schedules,
        callers,
        groups: [group(name, a.to)],
        numbers: [own(a.from, a.to)],
      }
      const compiled = compile(wildSource, surroundings(), german)
      if ('problems' in compiled) refused++
      else route(query, compiled.plan)
      const one = compile(
        {
          ...wildSource,
          forwards: [],
          limits: [],
          expectations: [],
          schedules: [],
          callers: [],
          groups: [],
          numbers: [],
        },
        surroundings(),
        german,
      )
      if ('plan' in one) route(query, one.plan)
    }),
    { numRuns: 1000, seed: 7 },
  )
  t.ok(refused > 500)
})

t.test('the first rule that matches wins, as if every rule were tried; explain says the same', async (t) => {
  const matched = { dialled: 0, known: 0, guessed: 0 }
  fc.assert(
    fc.property(source, query, (chance, query) => {
      const plan = planFrom({ ...chance, numbers: [], callers: [], forwards: [] })
      if (plan === null) return
      const attempt = route(query, plan)
      const first = attempt.trail.at[0]?.entry ?? attempt.rule
      const { trace, attempt: explained } = explain(query, plan)
      if (JSON.stringify(explained) !== JSON.stringify(attempt)) throw new Error('explain says another')
      if (query.dialled.length <= 128) {
        const said = trace.find(({ matched }) => matched)?.name ?? 'end of the plan'
        if (said !== first) throw new Error(`explain says ${said}, route ${first}`)
      }
      if (!/^(route |end of)/.test(first)) return
      const naive =
        query.dialled.length > 128 ? undefined : plan.source.routes.find((entry) => isMatch(entry, query, plan.source))
      if (naive) matched[formOf(naive, query.dialled) ?? 'dialled']++
      if (first !== (naive ? `route ${naive.name}` : 'end of the plan')) throw new Error(`${first}, not ${naive?.name}`)
    }),
    { numRuns: 2000, seed: 8 },
  )
  const counts = JSON.stringify(matched)
  t.ok(matched.dialled > 200 && matched.known > 50 && matched.guessed > 10, counts)
  t.comment(counts)
})

/** In which form a rule's expression matches, or would; null: in none. */
function formOf({ match }: RouteEntry, dialled: string): 'dialled' | 'known' | 'guessed' | null {
  if (RE2JS.matches(match, dialled)) return 'dialled'
  const read = german.read(dialled)
  if (!read?.e164 || german.isEmergency(dialled) || !RE2JS.matches(match, read.e164)) return null
  return read.known ? 'known' : 'guessed'
}

/** A rule's conditions as one would write them without an index. */
function isMatch(entry: RouteEntry, { caller, dialled, at, usage }: RouteQuery, { groups }: PlanSource): boolean {
  const trunk = caller.kind === 'trunk'
  const members = entry.from === 'group:a'
  const all = [...entry.to, entry.busy, entry.noAnswer, entry.offline, entry.unavailable]
  const outside = all.some((to) => /^(trunk|number|sip):/.test(to ?? ''))
  const refuses = all.every((to) => to === null || to.startsWith('reject:'))
  const who = caller.kind === 'trunk' ? `trunk:${caller.trunk}` : `user:${caller.user}`
  const shown = caller.kind === 'trunk' ? caller.number : caller.user === '101' ? '+493012345101' : null
  if (entry.from === 'any' ? trunk && outside : !members && entry.from !== who) return false
  if (members && (caller.kind === 'trunk' || !groups[0]?.members.includes(caller.user))) return false
  const form = formOf(entry, dialled)
  if (form === null || (form === 'guessed' && !refuses)) return false
  if (entry.caller !== null && !RE2JS.matches(entry.caller, shown ?? 'anonymous')) return false
  if (entry.when !== null && (entry.when === 'office') !== (at === NOON)) return false
  return entry.overCalls === null || usage.callsUp('any') >= entry.overCalls
}
