import t from 'tap'
import { route } from '../../src/dialplan/decide.ts'
import { bare, forward, from, group, NIGHT, office, over, own, part, planOf, rule, usage } from './plans.ts'

const BERLIN = '+493012345678'
const OUT = rule('out', '0[1-9]\\d+|\\+49\\d+', ['trunk:one', 'trunk:two'])
const main = own('+4930555000', ['group:sales'])

t.test('a user’s call, in the order of what is looked at', async (t) => {
  const plan = planOf({
    routes: [rule('all', '.*', ['reject:603']), OUT],
    groups: [group('sales', ['101', '102', '103'])],
    numbers: [main],
  })
  const to = (dialled: string) => route(from('101', dialled), plan)
  t.match(
    to('112'),
    { rule: 'emergency numbers', action: 'dial', trunk: 'two', emergency: true },
    'a rule shadows no 112',
  )
  t.match(to('*43'), { rule: 'built-in numbers', action: 'run', app: 'echo' })
  t.match(to('102'), { rule: 'users', action: 'ring', users: ['102'], timeout: null })
  t.match(to('sales'), { rule: 'groups', action: 'ring' })
  t.strictSame(bare(to('sales')), { action: 'ring', users: ['102', '103'], timeout: null }, 'who calls is not rung')
  t.match(to('030555000'), { rule: 'number +4930555000', users: ['102', '103'] }, 'our own number, as one dials it')
  t.match(to('0301234567'), { rule: 'route all', action: 'reject', status: 603 }, 'the first rule that matches')
})

t.test('out by a rule', async (t) => {
  const plan = planOf({ routes: [OUT] })
  t.strictSame(bare(route(from('101', '03012345678'), plan)), {
    action: 'dial',
    trunk: 'one',
    timeout: null,
    number: { raw: '03012345678', e164: BERLIN },
    callerId: '+493012345101',
    account: 'user:101',
    emergency: false,
  })
  t.match(route(from('102', BERLIN), plan), { action: 'dial', callerId: null, divertedBy: [] })
})

t.test('what no rule allows', async (t) => {
  const plan = planOf({ routes: [rule('none', 'x', ['user:101'])] })
  t.match(route(from('101', '03012345678'), plan), { action: 'reject', status: 403, denied: 'no rule allows it' })
  t.match(route(from('101', '999x'), plan), {
    rule: 'end of the plan',
    action: 'reject',
    status: 404,
    reason: 'nobody here has the number 999x',
    denied: null,
  })
  t.match(route(over('one', '03012345678'), plan), { action: 'reject', status: 404 })
  t.match(route(from('101', '1'.repeat(100_000)), plan), { action: 'reject', status: 404, reason: /too long/ })
  t.match(route(from('101', 'a\r\nVia: b'), plan), { reason: 'nobody here has the number a??Via: b' })
})

t.test('a trunk’s call', async (t) => {
  const plan = planOf({
    routes: [
      rule('people', '10\\d', ['user:102'], { from: 'trunk:two' }),
      OUT,
      rule('anyone', 'info', ['user:103']),
      rule('mixed', 'help', ['user:103', 'number:+4930777']),
    ],
    numbers: [main, own('+4930666', ['user:104'], { trunk: 'two' })],
    groups: [group('sales', ['101', '102'])],
  })
  for (const dialled of ['+4930555000', '4930555000', '030555000', '004930555000']) {
    t.match(route(over('one', dialled), plan), { rule: 'number +4930555000', users: ['101', '102'] }, dialled)
  }
  t.match(route(over('two', '+4930666'), plan), { users: ['104'] })
  t.match(route(over('one', '+4930666'), plan), { status: 404 }, 'the other trunk’s')
  t.match(route(over('one', '101'), plan), { status: 404 }, 'nobody by name')
  t.match(route(over('two', '101'), plan), { users: ['102'] }, 'but by a rule')
  t.match(route(over('one', 'sales'), plan), { status: 404 })
  t.match(route(over('one', '112'), plan), { status: 404 }, 'no emergency call for a stranger')
  t.match(route(over('one', BERLIN), plan), { status: 404 }, 'never out by a rule for any')
  t.match(route(over('one', 'info'), plan), { users: ['103'] })
  t.match(route(over('one', 'help'), plan), { status: 404 })
})

t.test('conditions', async (t) => {
  const plan = planOf({
    schedules: [office],
    groups: [group('sales', ['103'])],
    routes: [
      rule('user', '1', ['reject:601'], { from: 'user:102' }),
      rule('group', '1', ['reject:602'], { from: 'group:sales' }),
      rule('trunk', '1', ['reject:603'], { from: 'trunk:one' }),
      rule('caller', '2', ['reject:601'], { caller: '\\+49\\d+' }),
      rule('anonymous', '2', ['reject:602'], { caller: 'anonymous' }),
      rule('open', '3', ['reject:601'], { when: 'office' }),
      rule('closed', '3', ['reject:602'], { when: '!office' }),
      rule('full', '4', ['reject:601'], { overCalls: 3, overCallsOf: 'trunk:one' }),
      rule('else', '4', ['reject:602']),
    ],
  })
  const status = (query: ReturnType<typeof from>) => bare(route(query, plan)) as { status: number }
  t.match(status(from('102', '1')), { status: 601 })
  t.match(status(from('103', '1')), { status: 602 })
  t.match(status(over('one', '1')), { status: 603 })
  t.match(status(from('101', '1')), { status: 404 })
  t.match(status(from('101', '2')), { status: 601 })
  t.match(status(from('102', '2')), { status: 602 }, 'a user that shows no number')
  t.match(status(over('one', '2', null)), { status: 602 })
  t.match(status(from('101', '3')), { status: 601 })
  t.match(status(from('101', '3', { at: NIGHT })), { status: 602 })
  t.match(status(from('101', '4', { usage: usage({ up: { 'trunk:one': 3 } }) })), { status: 601 })
  t.match(status(from('101', '4', { usage: usage({ up: { 'trunk:one': 2, any: 9 } }) })), { status: 602 })
})

t.test('what is dialled', async (t) => {
  const plan = planOf({
    routes: [
      rule('strip', '9(?P<rest>\\d+)', ['trunk:one'], { strip: 1, prepend: '0', callerId: '+4930999' }),
      rule('template', '8(?P<area>\\d\\d)(?P<rest>\\d+)', ['trunk:one'], {
        number: `+49${part('area')}${part('rest')}`,
      }),
      rule('person', '7(?<who>\\d+)', [`user:${part('who')}`]),
      rule('habit', '0112', ['trunk:one'], { strip: 1 }),
    ],
  })
  t.match(route(from('101', '93012345678'), plan), {
    number: { raw: '03012345678', e164: BERLIN },
    callerId: '+4930999',
  })
  t.match(route(from('101', '83012345678'), plan), { number: { raw: BERLIN, e164: BERLIN } })
  t.match(route(from('101', '7102'), plan), { rule: 'route person', users: ['102'] })
  t.match(route(from('101', '7999'), plan), { action: 'reject', status: 404, reason: /999/ }, 'no such user')
  t.match(route(from('101', '0112'), plan), { action: 'dial', trunk: 'one', emergency: true })
})

t.test('availability of a number, and who calls', async (t) => {
  const at = (over_: Parameters<typeof own>[2], query: Parameters<typeof over>[3] = {}) => {
    const numbers = [own('+4930555', ['user:101'], { fallback: 'user:102', schedule: 'office', ...over_ })]
    const callers = [{ number: '+4930555', caller: '+4989222', to: 'user:103' }]
    const plan = planOf({ schedules: [office], numbers, callers })
    const attempt = route(over('one', '+4930555', '+4989111', query), plan)
    t.match(route(over('one', '+4930555', '+4989222', query), plan), { users: ['103'] }, 'a caller with its own')
    t.match(route(over('one', '+4930555', '089222', query), plan), { users: ['103'] }, 'however it is written')
    return attempt.action === 'ring' ? attempt.users[0] : attempt
  }
  const busy = { usage: usage({ up: { 'number:+4930555': 2 } }) }
  t.equal(at({ availability: 'always' }), '101')
  t.equal(at({ availability: 'never' }), '102')
  t.equal(at({ availability: 'scheduled' }), '101')
  t.equal(at({ availability: 'scheduled' }, { at: NIGHT }), '102')
  t.equal(at({ availability: 'after-hours' }), '102')
  t.equal(at({ availability: 'after-hours' }, { at: NIGHT }), '101')
  t.equal(at({ availability: 'overflow', overCalls: 2 }), '102')
  t.equal(at({ availability: 'overflow', overCalls: 2 }, busy), '101')
  t.match(at({ availability: 'never', fallback: null }), { rule: 'number +4930555', status: 486, action: 'reject' })
})

t.test('emergency calls go out whatever is denied or used up', async (t) => {
  const limits = [
    { subject: 'any', calls: 0, callsPerDay: 0, minutesPerDay: 0, night: '00:00-24:00' },
    { subject: 'trunk:two', calls: 0, callsPerDay: 0, minutesPerDay: 0, night: null },
  ]
  const plan = planOf({ limits, forwards: [forward('101', { always: 'user:102' })] }, { allowed: () => [] })
  t.match(route(from('101', '112', { at: NIGHT }), plan), {
    action: 'dial',
    trunk: 'two',
    number: { raw: '112', e164: null },
    emergency: true,
    account: 'user:101',
  })
  t.match(route(from('101', '112'), planOf({}, { trunks: [] })), {
    action: 'reject',
    status: 503,
    reason: /no trunk/,
  })
  const unmarked = planOf({}, { trunks: [{ name: 'one', emergency: false }] })
  t.match(route(from('101', '112'), unmarked), { action: 'dial', trunk: 'one', emergency: true }, 'better than none')
})
