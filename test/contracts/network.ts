import type { Test } from 'tap'
import type { ConfigEntry, Pages } from '../../src/api/operations.ts'
import { kindNames } from '../../src/api/plan/network.ts'
import { NOW } from '../api/bench.ts'
import type { OperationsBench } from './operations.ts'
import { plain } from './plainUser.ts'

type Make = (t: Test) => Promise<OperationsBench>

/** What operations on the phone network do, whoever carries them out. The server stands in Germany. */
export function networkContract(t: Test, make: Make): void {
  entryTests(t, make)
  refusalTests(t, make)
  dialplanTests(t, make)
  configTests(t, make)
}

/** Users 101 and 102, who may call abroad, a trunk, and a rule by which they do. */
async function peopled({ operations }: OperationsBench): Promise<void> {
  const allow = ['internal', 'national', 'international']
  for (const user of ['101', '102']) await operations.addUser({ ...plain, user, allow })
  await operations.addEntry(
    'trunks',
    { name: 'main', host: 'sip.example.com', password: 'sesame', username: 'u' },
    null,
  )
  await operations.addEntry('routes', { name: 'out', match: '\\+\\d{8,15}', to: ['trunk:main'] }, null)
}

function entryTests(t: Test, make: Make): void {
  t.test('an entry says little, and has all its fields; numbers are read as they are dialled here', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, live } = bench
    const given = { number: '030 1234567', to: 'user:101,group:sales', after: '20s', noAnswer: 'number:0049301234568' }
    await operations.addEntry('groups', { name: 'sales', members: '101, 102', order: 'in-turn' }, null)
    const nowhere = { busy: null, offline: null, unavailable: null }
    const added = {
      ...{ number: '+49301234567', to: ['user:101', 'group:sales'], trunk: null, label: null, after: 20 },
      ...{ availability: 'always', schedule: null, overCalls: null, fallback: null },
      ...nowhere,
      noAnswer: 'number:+49301234568',
    }
    t.same(await operations.addEntry('numbers', given, null), added)
    t.same(await operations.entry('numbers', '030/1234567'), added, 'asked for as it is dialled')
    t.same(await all(operations.entries('numbers')), [added])
    t.same(live.network?.numbers, [added], 'the server was told')
    t.match(await operations.entry('groups', 'sales'), { members: ['101', '102'], step: 15 })
  })

  t.test('a change changes what it names, and nothing else', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    await operations.setEntry('routes', 'out', { strip: '2', callerId: '+15551234567' })
    t.match(await operations.entry('routes', 'out'), { strip: 2, callerId: '+15551234567', match: '\\+\\d{8,15}' })
    await operations.setEntry('routes', 'out', { callerId: 'none' })
    t.match(await operations.entry('routes', 'out'), { strip: 2, callerId: null })
    t.match(store.plan.load().routes, [{ name: 'out', strip: 2 }])
  })

  t.test('rules stand in an order', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations } = bench
    const names = async () => (await all(operations.entries('routes'))).map(({ name }) => name)
    for (const name of ['b', 'c']) await operations.addEntry('routes', { name, match: name, to: 'user:101' }, null)
    await operations.addEntry('routes', { name: 'a', match: 'a', to: 'user:101' }, 'b')
    t.same(await names(), ['out', 'a', 'b', 'c'])
    await operations.moveEntry('routes', 'c', 'out')
    t.same(await names(), ['c', 'out', 'a', 'b'])
    await operations.moveEntry('routes', 'out', null)
    t.same(await names(), ['c', 'a', 'b', 'out'])
    await t.rejects(operations.moveEntry('routes', 'a', 'out2'), { message: 'no route out2; did you mean out?' })
    await operations.removeEntry('routes', 'a')
    t.same(await names(), ['c', 'b', 'out'])
  })

  t.test('forwards and limits are always there to be set; blank ones are not kept', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    t.match(await operations.entry('forwards', '101'), { user: '101', always: null, dnd: false })
    await operations.setEntry('forwards', '101', { busy: 'user:102', dnd: true })
    t.match(store.plan.load().forwards, [{ user: '101', busy: 'user:102', dnd: true }])
    await operations.setEntry('forwards', '101', { busy: null, dnd: false })
    t.same(store.plan.load().forwards, [])
    await operations.setEntry('limits', 'user:101', { calls: '2', night: '22:00-06:00' })
    t.match(await operations.removeEntry('limits', 'user:101'), { calls: 2 })
    await t.rejects(operations.setEntry('forwards', '1o1', { dnd: true }), {
      code: 'USER_UNKNOWN',
      message: 'no user 1o1; did you mean 101?',
    })
  })

  t.test("a trunk's password is kept, and shown to nobody", async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    const shown = [
      await operations.entry('trunks', 'main'),
      await all(operations.entries('trunks')),
      await operations.setEntry('trunks', 'main', { maxCalls: 4 }),
      await all(operations.exportConfig({ secrets: false })),
      await operations.status(),
    ]
    t.notMatch(JSON.stringify(shown), 'sesame')
    t.match(shown[0], { name: 'main', hasPassword: true })
    t.match(store.plan.load().trunks, [{ name: 'main', password: 'sesame', maxCalls: 4 }])
    t.match(await operations.status(), { trunks: [{ name: 'main', state: 'up' }] })
  })

  t.test('a trunk is tested step by step', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations } = bench
    t.match(await all(operations.testTrunk('main', null)), [
      { step: 'resolves', ok: true },
      { step: 'registers', ok: false },
    ])
    await t.rejects(all(operations.testTrunk('mian', '100')), {
      code: 'ENTRY_UNKNOWN',
      message: 'no trunk mian; did you mean main?',
    })
  })
}

function refusalTests(t: Test, make: Make): void {
  t.test('what cannot be is refused, naming the thing and the mend, and changes nothing', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    const before = store.plan.load()
    const rule = { name: 'x', match: '1', to: 'user:101' }
    const refused: [() => Promise<unknown>, string, string | RegExp][] = [
      [
        () => operations.addEntry('routes', { ...rule, name: 'out' }, null),
        'ENTRY_EXISTS',
        'route out exists already; change it with: offhook route set out',
      ],
      [
        () => operations.addEntry('routes', { ...rule, name: 'a b' }, null),
        'PLAN_INVALID',
        'route a b: name: write a name of letters, digits and - _ . (64 at most)',
      ],
      [
        () => operations.addEntry('routes', { ...rule, after: 'soon' }, null),
        'PLAN_INVALID',
        'route x: after: write seconds from 1 to 3600, as in 20s',
      ],
      [
        () => operations.addEntry('routes', { ...rule, mach: '1' }, null),
        'PLAN_INVALID',
        'route x: mach: a route has no such field; did you mean match?',
      ],
      [
        () => operations.addEntry('routes', { name: 'x', to: 'user:101' }, null),
        'PLAN_INVALID',
        /^route x: match: write a regular expression/,
      ],
      [() => operations.addEntry('routes', { ...rule, match: '(' }, null), 'PLAN_INVALID', /^route x: .*character/],
      [() => operations.addEntry('routes', { ...rule, to: 'user:1o1' }, null), 'PLAN_INVALID', /^route x: .*1o1/],
      [
        () => operations.addEntry('routes', { ...rule, to: 'voicemail:101' }, null),
        'PLAN_INVALID',
        /voicemail does not exist yet/,
      ],
      [() => operations.addEntry('routes', { ...rule, when: 'office' }, null), 'PLAN_INVALID', /^route x: .*office/],
      [
        () => operations.setEntry('routes', 'out', { name: 'in' }),
        'PLAN_INVALID',
        'route out keeps its name; add another one',
      ],
      [
        () => operations.addEntry('numbers', { number: '12', to: 'user:101' }, null),
        'PLAN_INVALID',
        /^number 12: number: "12" is no phone number; write it with its country code/,
      ],
      [
        () => operations.addEntry('numbers', { number: 'x'.repeat(70), to: 'user:101' }, null),
        'PLAN_INVALID',
        /64 characters/,
      ],
      [
        () => operations.addEntry('callers', { number: '+49301', caller: '+15551234567', to: 'user:101' }, null),
        'PLAN_INVALID',
        /^caller \+49301 /,
      ],
      [
        () => operations.addEntry('trunks', { name: 'main', host: 'a' }, null),
        'ENTRY_EXISTS',
        /^trunk main exists already/,
      ],
      [
        () => operations.addEntry('trunks', { name: 't', preset: 'twillio', host: 'a' }, null),
        'PLAN_INVALID',
        'trunk t: no preset twillio; did you mean twilio?',
      ],
      [
        () => operations.addEntry('trunks', { name: 't', host: 'a', codecs: 'ulaw' }, null),
        'PLAN_INVALID',
        'trunk t: codecs: "ulaw" is not a codec; did you mean pcmu?',
      ],
      [
        () => operations.setEntry('limits', '101', { calls: 1 }),
        'PLAN_INVALID',
        /^limit 101: subject: write user:101, trunk:NAME or any/,
      ],
      [() => operations.setEntry('forwards', '101', { always: 'user:101' }), 'PLAN_INVALID', /circle/],
      [() => operations.entry('groups', 'sales'), 'ENTRY_UNKNOWN', 'no group sales; see: offhook group list'],
      [
        () => operations.removeEntry('trunks', 'main'),
        'ENTRY_IN_USE',
        'trunk main is used by route out; take it out there first',
      ],
    ]
    for (const [done, code, message] of refused) await t.rejects(done(), { code, message }, String(message))
    t.same(store.plan.load(), before)
    await t.rejects(operations.entry('groups', 'a\u001b[2J'), { code: 'ENTRY_UNKNOWN' })
  })

  t.test('a user that is needed is not removed; what is its own goes with it', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    await operations.hangUp('c1')
    await operations.addEntry('groups', { name: 'sales', members: ['101'] }, null)
    await operations.setEntry('forwards', '102', { busy: 'user:101' })
    await operations.setEntry('forwards', '101', { dnd: true })
    await operations.setEntry('limits', 'user:101', { calls: 1 })
    await t.rejects(operations.removeUser('101'), {
      code: 'USER_IN_USE',
      message: 'user 101 is used by group sales, forward 102; take it out there first',
    })
    await operations.removeEntry('groups', 'sales')
    await operations.setEntry('forwards', '102', { busy: null })
    await operations.removeUser('101')
    t.match(store.plan.load(), { forwards: [], limits: [] })
  })
}

function dialplanTests(t: Test, make: Make): void {
  t.test('an expectation is kept: whatever breaks it is refused', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    const expected = { number: '+15557654321', from: '101', to: 'trunk:main' }
    await t.rejects(operations.addEntry('expectations', { ...expected, to: 'user:102' }, null), {
      code: 'EXPECTATION_BROKEN',
      message:
        '+15557654321 from 101 is to go to user:102, and would go to trunk:main; see: offhook dialplan test +15557654321 --from 101',
    })
    t.same(store.plan.load().expectations, [])
    await operations.addEntry('expectations', expected, null)
    const broken = {
      code: 'EXPECTATION_BROKEN',
      message: /^\+15557654321 from 101 is to go to trunk:main, and would go to /,
    }
    await t.rejects(operations.setEntry('routes', 'out', { match: '\\+49\\d+' }), broken)
    await t.rejects(operations.addEntry('routes', { name: 'no', match: '.*', to: 'reject:486' }, 'out'), broken)
    await t.rejects(operations.removeEntry('routes', 'out'), broken)
    await t.rejects(operations.setUser('101', { allow: ['internal'] }), broken)
    t.match(await operations.user('101'), { allow: ['internal', 'national', 'international'] })
    t.match(await operations.entry('routes', 'out'), { match: '\\+\\d{8,15}' })
    await t.rejects(operations.addUser({ ...plain, user: '+15557654321' }), broken)
    await operations.setUser('102', { allow: ['internal'] })
    await operations.removeEntry('expectations', '+15557654321 from 101')
    await operations.setUser('101', { allow: ['internal'] })
  })

  t.test('a call that is only thought of', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations } = bench
    const call = { number: '+15557654321', from: '101', caller: null, at: null, callsUp: [] }
    t.match(await operations.testDialplan(call), {
      from: '101',
      rule: 'route out',
      to: 'trunk:main',
      at: new Date(NOW).toISOString(),
    })
    const at = await operations.testDialplan({ ...call, from: 'user:101', at: '2026-12-25T10:00' })
    t.match(at, { at: '2026-12-25T10:00:00.000Z', rules: [{ matched: false }] })
    t.match(await operations.testDialplan({ ...call, from: null }), { from: '101' })
    t.match(await operations.testDialplan({ ...call, from: null, caller: '030 1234567' }), {
      from: 'trunk:main',
      to: 'reject:404',
    })
    await t.rejects(operations.testDialplan({ ...call, from: '1o1' }), { code: 'USER_UNKNOWN' })
    await t.rejects(operations.testDialplan({ ...call, from: 'trunk:mian' }), { code: 'ENTRY_UNKNOWN' })
    await t.rejects(operations.testDialplan({ ...call, at: 'noon' }), {
      message: '"noon" is no time; write it as 2026-12-25T10:00',
    })
  })

  t.test('a call that is only thought of, while others are up', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations } = bench
    await operations.hangUp('c1')
    await operations.setEntry('limits', 'user:101', { calls: 2 })
    await operations.addEntry('routes', { name: 'full', match: '.*', to: 'reject:486', overCalls: 3 }, 'out')
    await operations.addEntry('numbers', { number: '+49301234567', to: 'user:102' }, null)
    const test = (...callsUp: { of: string; count: number }[]) =>
      operations.testDialplan({ number: '+15557654321', from: '101', caller: null, at: null, callsUp })
    t.match(await test(), { to: 'trunk:main', callsUp: [] })
    t.match(await test({ of: 'any', count: 2 }), { to: 'trunk:main', callsUp: [{ of: 'any', count: 2 }] })
    t.match(await test({ of: 'any', count: 3 }), { rule: 'route full', to: 'reject:486' })
    t.match(await test({ of: 'user:101', count: 2 }), { to: 'reject:480', does: /user:101 has 2 of 2 calls at once/ })
    t.match(await test({ of: 'trunk:main', count: 9 }, { of: 'user:101', count: 1 }), { to: 'trunk:main' })
    const local = await test({ of: 'number:030 1234567', count: 1 })
    t.same(local.callsUp, [{ of: 'number:+49301234567', count: 1 }])
    await t.rejects(test({ of: 'user:1o1', count: 1 }), { code: 'USER_UNKNOWN' })
    await t.rejects(test({ of: 'trunk:mian', count: 1 }), { code: 'ENTRY_UNKNOWN' })
    await t.rejects(test({ of: 'number:+19999999999', count: 1 }), { code: 'ENTRY_UNKNOWN' })
    await t.rejects(test({ of: 'all', count: 1 }), {
      code: 'PLAN_INVALID',
      message: '"all" has no calls to count; write any, user:101, trunk:NAME or number:+15551234567',
    })
  })

  t.test('a check of it all', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations } = bench
    await operations.addEntry('expectations', { number: '102', from: '101', to: 'user:102' }, null)
    t.match(await operations.checkDialplan(), { expectations: 1, broken: [] })
    const readable = { about: 'trunk main', message: /keys that go with the signalling, which is not/ }
    const found = async () => (await operations.checkDialplan()).findings.filter(({ about }) => about === 'trunk main')
    t.notMatch(await found(), [readable])
    await operations.setEntry('trunks', 'main', { srtp: true })
    t.match(await found(), [readable])
    await operations.setEntry('trunks', 'main', { transport: 'tls' })
    t.notMatch(await found(), [readable])
  })
}

function configTests(t: Test, make: Make): void {
  const how = { sections: ['users', ...kindNames], replace: true, realm: null } as const

  t.test('a configuration goes out and in, and all is as it was', async (t) => {
    const [from, to] = [await make(t), await make(t)]
    await peopled(from)
    const { operations } = from
    await operations.addEntry(
      'schedules',
      { name: 'office', tz: 'Europe/Berlin', open: 'mon,wed 09:00-17:00', closed: ['--12-25'] },
      null,
    )
    await operations.addEntry('groups', { name: 'sales', members: ['101', '102'], step: '10s' }, null)
    await operations.addEntry('numbers', { number: '+49301234567', to: 'group:sales', label: 'a: "b" # c' }, null)
    await operations.setEntry('numbers', '+49301234567', {
      availability: 'scheduled',
      schedule: 'office',
      fallback: 'reject:486',
    })
    await operations.addEntry('callers', { number: '+49301234567', caller: '+15551234567', to: 'user:102' }, null)
    await operations.addEntry(
      'routes',
      { name: 'first', match: '0(?P<rest>\\d+)', number: `+49${'$'}{rest}`, to: 'trunk:main', weights: '3' },
      'out',
    )
    await operations.setEntry('limits', 'any', { calls: 2 })
    await operations.setEntry('forwards', '101', { noAnswer: 'user:102', after: 12 })
    await operations.addEntry('expectations', { number: '102', from: '101', to: 'user:102' }, null)
    const entries = (await all(operations.exportConfig({ secrets: true }))).map((entry, at) => ({
      ...entry,
      path: `all[${at}]`,
    }))
    const asText = entries.map((entry) => ({ ...entry, value: allText(entry.value) }))
    const users = ['101', '102'].map((user, at) => ({
      section: 'users' as const,
      path: `users[${at}]`,
      value: { user, password: 'x', allow: 'internal,national,international' },
    }))
    const network = asText.filter(({ section }) => section !== 'users')
    const imported = await to.operations.importConfig(how, pages([[...users, ...network]]))
    t.match(imported.slice(0, 3), [
      { section: 'users', added: 2 },
      { section: 'trunks', added: 1 },
      { section: 'schedules', added: 1 },
    ])
    t.same(to.store.plan.load(), from.store.plan.load())
    t.same(to.live.network, to.store.plan.load())
    const again = await to.operations.importConfig({ ...how, sections: kindNames }, pages([network]))
    t.same(
      again.map(({ added, changed, removed }) => added + changed + removed),
      kindNames.map(() => 0),
    )
    const open = network.map((entry) => ({ ...entry, value: withoutPassword(entry.value) }))
    await to.operations.importConfig({ ...how, sections: kindNames }, pages([open]))
    t.match(to.store.plan.load().trunks, [{ password: 'sesame' }], 'a password left out stays')
  })

  t.test('it is all or nothing, and the place is named', async (t) => {
    const bench = await make(t)
    await peopled(bench)
    const { operations, store } = bench
    const before = store.plan.load()
    const good = { section: 'groups' as const, path: 'groups[0]', value: { name: 'sales', members: ['101'] } }
    const refused: [ConfigEntry[], string | RegExp][] = [
      [
        [good, { section: 'routes', path: 'routes[0]', value: { name: 'x', match: '(', to: 'user:101' } }],
        /^routes\[0\]: .*character/,
      ],
      [
        [good, { section: 'routes', path: 'routes[0]', value: { name: 'x', match: '1', to: 'user:7' } }],
        /^routes\[0\]: /,
      ],
      [
        [good, { section: 'routes', path: 'routes[0]', value: { name: 'x', match: '1', too: 'user:101' } }],
        'routes[0].too: a route has no such field; did you mean to?',
      ],
      [
        [
          good,
          { section: 'routes', path: 'routes[0]', value: { name: 'x', match: '1', to: 'user:101', 'over-calls': 'x' } },
        ],
        'routes[0].over-calls: write a number of calls from 1 up',
      ],
      [[good, { ...good, path: 'groups[1]' }], 'groups[1]: group sales stands at groups[0] too; take one of them out'],
      [[{ ...good, value: 'sales' }], 'groups[0]: write a group with its fields, each as in "to: user:101"'],
    ]
    for (const [entries, message] of refused) {
      const all = { ...how, sections: ['groups', 'routes'] as const }
      await t.rejects(
        operations.importConfig(all, pages([entries])),
        { code: 'IMPORT_INVALID', message },
        String(message),
      )
    }
    t.same(store.plan.load(), before)
    await operations.hangUp('c1')
    const onlyOne = { section: 'users' as const, path: 'users[0]', value: { user: '101' } }
    await operations.addEntry('groups', { name: 'both', members: ['101', '102'] }, null)
    await t.rejects(operations.importConfig({ ...how, sections: ['users'] }, pages([[onlyOne]])), {
      code: 'PLAN_INVALID',
      message: /^group both: .*102/,
    })
    t.match(await operations.user('102'), { user: '102' }, 'who would have gone is still here')
  })
}

/** As a YAML file gives it: all scalars are text. */
function allText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(allText)
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, allText(inside)]))
}

function withoutPassword(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'password'))
}

async function* pages<T>(given: readonly (readonly T[])[]): Pages<T> {
  yield* given
}

async function all<T>(given: Pages<T>): Promise<T[]> {
  const got: T[] = []
  for await (const page of given) got.push(...page)
  return got
}
