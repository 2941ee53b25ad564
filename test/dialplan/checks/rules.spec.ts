import t from 'tap'
import type { RouteEntry } from '../../../src/dialplan/plan.ts'
import { runs } from '../../support/runs.ts'
import { check, ours, rule } from './plans.ts'

const routes = (...rules: readonly RouteEntry[]) => check({ routes: rules })

t.test('a plan as one would write it has nothing to be said', async (t) => {
  const plan = [
    rule('premium', '\\+1900\\d+', 'reject:403'),
    rule('national', '\\+1\\d{10}', 'trunk:out'),
    rule('world', '\\+\\d+', 'trunk:out', { from: 'user:101' }),
    rule('desk', '\\*9', 'app:echo'),
    rule('night', '8\\d{2}', 'user:101', { when: 'night' }),
    rule('day', '8\\d{2}', 'user:102'),
  ]
  t.strictSame(check({ routes: plan, schedules: [schedule('night')] }), [])
})

t.test('a rule that earlier ones leave nothing', async (t) => {
  const never = (why: string) => [`warning route late: it never gets a call: all that it matches, ${why} before it`]
  t.strictSame(
    routes(rule('all', '\\d+', 'trunk:out'), rule('late', '00\\d+', 'trunk:two')),
    never('route all takes'),
    'one takes all',
  )
  t.strictSame(
    routes(
      rule('low', '[0-4]\\d*', 'trunk:out'),
      rule('high', '[5-9]\\d*', 'trunk:two'),
      rule('late', '\\d+', 'trunk:three'),
    ),
    never('routes low and high take'),
    'two take it together',
  )
  t.strictSame(
    routes(
      ...[0, 1, 2, 3, 4].map((n) => rule(`r${n}`, `[${2 * n}${2 * n + 1}]\\d\\d\\d`, 'trunk:out')),
      rule('late', '\\d{4}', 'trunk:three'),
    ),
    never('routes r0, r1, r2 and others take'),
  )
  t.strictSame(routes(rule('a', '7\\d', 'trunk:out'), rule('late', '[67]\\d', 'trunk:out')), [], 'it has some left')
})

t.test('rules that share the hours between them leave nothing either', async (t) => {
  const plan = (night: string, more: Partial<RouteEntry> = {}) =>
    check({
      schedules: ['office', 'lunch'].map(schedule),
      routes: [
        rule('lunch', '7\\d', 'user:103', { when: 'lunch' }),
        rule('day', '7\\d+', 'user:101', { when: 'office' }),
        rule('night', '7\\d+', 'user:102', { when: night }),
        rule('late', '7\\d', 'user:103', more),
      ],
    })
  const said = 'warning route late: it never gets a call: all that it matches, routes day and night take before it'
  t.strictSame(plan('!office'), [said])
  t.strictSame(plan('!office', { when: 'lunch' }), [said.replace('routes day and night take', 'route lunch takes')])
  t.strictSame(plan('!lunch'), [said.replace('day', 'lunch')])
  t.strictSame(plan('office'), [
    'warning route night: it never gets a call: all that it matches, route day takes before it',
  ])
})

t.test('only rules whose conditions always hold where the later one’s do', async (t) => {
  const after = (first: Partial<RouteEntry>, later: Partial<RouteEntry> = {}, to = 'user:101') =>
    check({
      routes: [rule('first', '7\\d+', to, first), rule('late', '7\\d+', 'user:102', later)],
      groups: [{ name: 'sales', members: ['101', '102'], order: 'together', step: 10 }],
      schedules: [schedule('office')],
    }).filter((text) => text.includes('never')).length

  t.equal(after({}), 1)
  t.equal(after({ when: 'office' }), 0)
  t.equal(after({ when: 'office' }, { when: 'office' }), 1)
  t.equal(after({ when: 'office' }, { when: '!office' }), 0)
  t.equal(after({}, { when: 'office' }), 1)
  t.equal(after({ from: 'user:101' }), 0)
  t.equal(after({ from: 'user:101' }, { from: 'user:101' }), 1)
  t.equal(after({ from: 'group:sales' }, { from: 'user:101' }), 1)
  t.equal(after({ from: 'group:sales' }, { from: 'user:103' }), 0)
  t.equal(after({ from: 'user:101' }, { from: 'group:sales' }), 0)
  t.equal(after({}, { from: 'user:101' }), 1)
  t.equal(after({}, { from: 'trunk:out' }), 1)
  t.equal(after({}, { from: 'trunk:out' }, 'trunk:out'), 0, 'a trunk’s calls do not go out by a rule for any')
  t.equal(after({}, {}, 'trunk:out'), 0, 'which leaves them to a later one that stays inside')
  t.equal(after({ caller: '\\+1\\d+' }), 0)
  t.equal(after({ caller: '\\+1\\d+' }, { caller: '\\+1555\\d+' }), 1)
  t.equal(after({ caller: '\\+1555\\d+' }, { caller: '\\+1\\d+' }), 0)
  t.equal(after({ overCalls: 3 }), 0)
  t.equal(after({ overCalls: 3 }, { overCalls: 5 }), 1)
  t.equal(after({ overCalls: 5 }, { overCalls: 3 }), 0)
  t.equal(after({ overCalls: 3 }, { overCalls: 5, overCallsOf: 'trunk:out' }), 0)
})

t.test('a rule for what is dialled before all rules', async (t) => {
  const hidden = (match: string, more: Partial<RouteEntry> = {}) =>
    check({
      routes: [rule('r', match, 'app:echo', more)],
      groups: [{ name: 'sales', members: ['101'], order: 'together', step: 10 }],
      numbers: [ours('+15551234567', 'user:101')],
    })
  const never = (why: string) => [`warning route r: it never gets a call: ${why}`]
  t.strictSame(hidden('101'), never('who dials 101 gets a user before any rule is asked'))
  t.strictSame(
    hidden('10[1-3]|alice'),
    never('who dials 101 gets a user before any rule is asked, and so is it with all else that the rule matches'),
  )
  t.strictSame(hidden('10[1-4]'), [])
  t.strictSame(hidden('\\*43'), never('who dials *43 gets a built-in number before any rule is asked'))
  t.strictSame(hidden('911'), never('who dials 911 gets an emergency number before any rule is asked'))
  t.strictSame(hidden('sales'), never('who dials sales gets a group before any rule is asked'))
  t.strictSame(hidden('5551234567'), never('who dials 5551234567 gets one of our own numbers before any rule is asked'))
  t.strictSame(hidden('101', { from: 'trunk:out' }), [], 'a trunk does not reach users by their names')
  t.equal(hidden('15551234567', { from: 'trunk:out' }).length, 1, 'but our own numbers')
})

t.test('numbers that a rule matches however they are dialled', async (t) => {
  const never = (first: string, later: string, match = '\\+1\\d+') =>
    routes(rule('first', '\\+1\\d+', first), rule('late', match, later)).filter((text) => text.includes('never')).length
  t.equal(never('user:101', 'user:102'), 1)
  t.equal(never('reject:403', 'user:102'), 1)
  t.equal(never('reject:403', 'reject:486'), 1)
  t.equal(never('user:101', 'reject:403'), 0, 'it refuses what is guessed, which the first lets pass')
  t.equal(never('user:101,reject:403', 'reject:403'), 0)
  t.equal(never('user:101', 'reject:403', '\\+1\\d{2}'), 1, 'too short for a guess')
  t.equal(never('user:101', 'user:102', '0\\d+'), 0)
  t.strictSame(
    routes(
      rule('low', '\\+1[0-4]\\d+', 'reject:403'),
      rule('all', '\\+.*', 'user:101'),
      rule('late', '\\+1[0-4]\\d*', 'reject:486'),
    ),
    ['warning route late: it never gets a call: all that it matches, routes low and all take before it'],
    'one takes what is guessed, the other all else',
  )
  const hidden = (match: string) =>
    check(
      { routes: [rule('r', match, 'app:echo')], numbers: [ours('+15551234567', 'user:101')] },
      { isUser: (name) => name === '101' || name === '+15557654321' },
    ).length
  t.equal(hidden('\\+15557654321'), 0, 'who dials 5557654321 gets no user of the name')
  t.equal(hidden('\\+15551234567'), 1, 'but our own number')
  t.equal(hidden('\\+15551234567|101'), 1)
})

t.test('a rule that matches nothing', async (t) => {
  t.strictSame(routes(rule('r', '1[^\\d\\D]', 'trunk:out')), [
    'warning route r: it never gets a call: nothing that one can dial matches its expression',
  ])
})

t.test('rules that share numbers', async (t) => {
  t.strictSame(routes(rule('five', '\\d{5}', 'user:102'), rule('zero', '0\\d+', 'trunk:out', { from: 'user:101' })), [
    'note route zero: 00000 matches route five as well, which comes first and sends it to user:102',
  ])
  t.strictSame(routes(rule('five', '\\d{5}', 'trunk:out'), rule('zero', '0\\d+', 'trunk:out')), [], 'they do the same')
  t.strictSame(
    routes(rule('narrow', '05\\d{3}', 'user:101'), rule('wide', '0\\d+', 'user:102')),
    [],
    'the narrower first',
  )
  t.strictSame(routes(rule('narrow', '\\d{2}', 'user:101'), rule('wide', '\\d+', 'user:102')), [], 'as well')
  t.strictSame(routes(rule('zero', '0\\d+', 'user:101'), rule('five', '\\d{5}', 'user:102')), [], 'it says more digits')
  t.strictSame(routes(rule('cell', '(0|0049)17\\d+', 'user:101'), rule('world', '00\\d+', 'user:102')), [], 'as well')
  t.strictSame(
    routes(rule('some', '\\d{5}', 'user:102', { from: 'user:101' }), rule('others', '0\\d+', 'user:103')),
    [],
    'the first is for some alone',
  )
  t.strictSame(routes(rule('odd', '\\p{Nd}+', 'trunk:out'), rule('five', '\\d{5}', 'user:102')), [
    'note route odd: it cannot be compared with other rules, as its expression has the escape \\p',
  ])
})

t.test('of many such notes the first twenty', async (t) => {
  const rules = Array.from({ length: 25 }, (_, n) => rule(`r${n}`, `${1000 + n}\\d+`, `user:${n}`))
  const found = routes(rule('nine', '\\d{9}', 'user:101'), ...rules)
  t.equal(found.length, 21)
  t.equal(found.at(-1), 'note routes: 5 more rules share numbers with an earlier one that sends them elsewhere')
})

t.test('what users never come to, calls from trunks may', async (t) => {
  t.strictSame(routes(rule('out', '\\d+', 'trunk:out'), rule('in', '555\\d+', 'user:101')), [
    'note route in: it gets calls from trunks alone: of the users’ calls all that it matches, route out takes before it',
  ])
})

t.test('a thousand rules that were made to take long end all the same', async (t) => {
  const apart = Array.from({ length: runs(1_000) }, (_, n) => rule(`r${n}`, `\\+${1000 + n}\\d{3,}`, 'trunk:out'))
  const alike = Array.from({ length: runs(1_000) }, (_, n) => rule(`r${n}`, `\\d{3}${n}\\d*`, `user:${100 + (n % 2)}`))
  const nested = Array.from({ length: runs(1_000) }, (_, n) => rule(`r${n}`, `(a|b)*a(a|b){${n % 30}}`, `user:${n}`))
  const callers = apart.map(({ name }, n) => {
    return rule(name, `\\d{${n % 9}}1?`, `user:${n}`, {
      caller: `\\d*1\\d{${n % 40}}`,
      when: `${n % 2 ? '!' : ''}s${n % 90}`,
    })
  })
  for (const [name, rules] of Object.entries({ apart, alike, nested, callers })) {
    const start = process.hrtime.bigint()
    const found = routes(...rules)
    const ms = Number(process.hrtime.bigint() - start) / 1e6
    t.ok(ms < 30_000, `${name}: ${ms.toFixed(0)} ms, ${found.length} findings`)
  }
})

function schedule(name: string) {
  return { name, tz: 'Europe/Berlin', open: ['mon-fri 09:00-17:00'], closed: [], special: [] }
}
