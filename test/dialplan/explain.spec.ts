import t from 'tap'
import { broken, explain, targetOf } from '../../src/dialplan/decide.ts'
import type { ExpectationEntry } from '../../src/dialplan/plan.ts'
import { forward, from, group, NIGHT, NOON, office, over, own, planOf, rule, usage } from './plans.ts'

const MOBILE = '+4915112345678'
const plan = planOf({
  schedules: [office],
  groups: [group('sales', ['102', '103'])],
  numbers: [own('+4930555', ['group:sales'], { noAnswer: 'user:104' })],
  forwards: [forward('104', { always: `number:${MOBILE}` })],
  routes: [
    rule('boss', '\\+49.*', ['trunk:two'], { from: 'user:109' }),
    rule('sales', '\\+49.*', ['trunk:two'], { from: 'group:sales' }),
    rule('named', '\\+49.*', ['trunk:two'], { caller: '\\+4989.*' }),
    rule('night', '\\+49.*', ['trunk:two'], { when: '!office' }),
    rule('full', '\\+49.*', ['trunk:two'], { overCalls: 2, overCallsOf: 'trunk:one' }),
    rule('short', '\\d{3}', ['user:101']),
    rule('out', '\\+49.*', ['trunk:one', 'trunk:two'], { after: 30 }),
    rule('late', '\\+.*', ['trunk:two']),
  ],
})

t.test('rule by rule', async (t) => {
  const { what, trace, way, follows } = explain(from('101', MOBILE, { usage: usage({ up: { 'trunk:one': 1 } }) }), plan)
  t.equal(what, `dials ${MOBILE} over trunk one, showing +493012345101 for 30 s`)
  t.strictSame(way, ['route out sends it to trunk:one'])
  t.strictSame(
    trace.map(({ name, matched, why }) => `${matched ? '+' : '-'} ${name}: ${why}`),
    [
      `- emergency numbers: ${MOBILE} is none`,
      `- built-in numbers: ${MOBILE} is none`,
      `- users: there is no user ${MOBILE}`,
      `- groups: there is no group ${MOBILE}`,
      `- numbers: ${MOBILE} is no number of ours that this caller reaches`,
      '- route boss: it is for user:109 and the call is from user:101',
      '- route sales: it is for group:sales and user:101 is not in it',
      '- route named: the caller +493012345101 does not match \\+4989.*',
      '- route night: schedule office is open then',
      '- route full: 1 calls of trunk:one are up and it wants at least 2',
      `- route short: ${MOBILE} does not match \\d{3}`,
      `+ route out: ${MOBILE} matches \\+49.*, and so does all else it asks`,
      '- route late: it would match too, but route out comes first',
    ],
  )
  t.strictSame(
    follows.map(({ cause, what, next }) => [cause, what, next && targetOf(next)]),
    [
      ['busy', 'the caller hears so', null],
      ['no-answer', 'the caller hears so', null],
      ['offline', 'the caller hears so', null],
      ['unavailable', `route out dials ${MOBILE} over trunk two, showing +493012345101 for 30 s`, 'trunk:two'],
    ],
  )
})

t.test('which form of the number matched', async (t) => {
  const forms = planOf({
    routes: [
      rule('dear', '\\+49900.*', ['reject:403']),
      rule('munich', '\\+4989\\d+', ['trunk:two']),
      rule('out', '\\+49\\d+', ['trunk:one']),
    ],
  })
  const whys = (dialled: string) =>
    explain(from('101', dialled), forms)
      .trace.slice(5)
      .map(({ why }) => why)
  t.strictSame(whys('030987654'), [
    'neither 030987654 nor +4930987654 matches \\+49900.*',
    'neither 030987654 nor +4930987654 matches \\+4989\\d+',
    '030987654 is +4930987654, which matches \\+49\\d+, and so does all else it asks',
  ])
  t.equal(whys('+4930987654')[2], '+4930987654 matches \\+49\\d+, and so does all else it asks')
  t.equal(whys('0900123456')[0], '0900123456 is +49900123456, which matches \\+49900.*, and so does all else it asks')
  t.strictSame(whys('9030123'), [
    'neither 9030123 nor +499030123 matches \\+49900.*',
    '9030123 does not match \\+4989\\d+',
    '9030123 does not match \\+49\\d+; +499030123 would, but is not known to exist',
  ])
})

t.test('what comes before the rules, and the way through numbers and forwards', async (t) => {
  t.match(explain(from('101', '112'), plan).trace[0], { matched: true, why: '112 is an emergency number' })
  t.match(explain(from('101', '102'), plan).trace[2], { matched: true, why: '102 is a user' })
  t.match(explain(from('101', 'sales'), plan).trace[3], { matched: true, why: 'sales is a group' })
  const inbound = explain(over('one', '+4930555'), plan)
  t.match(inbound.trace[0], { name: 'number +4930555', matched: true, why: '+4930555 is a number of ours' })
  t.match(inbound.trace.at(-1), { matched: false, why: /it is for any and goes out/ })
  t.equal(inbound.what, 'rings 102 and 103')
  t.equal(targetOf(inbound.attempt), 'group:sales')
  t.match(inbound.follows[1], {
    cause: 'no-answer',
    what: `route named dials ${MOBILE} over trunk two, showing +4989111111`,
  })
  t.strictSame(explain(from('101', '104'), plan).way, [
    'users send it to user:104',
    `forward 104 sends it to number:${MOBILE}`,
    'route out sends it to trunk:one',
  ])
  t.match(explain(from('101', '0033'), plan), { follows: [], what: /is refused with 40[34]: / })
})

t.test('all that follows, one after the other', async (t) => {
  const members = Array.from({ length: 9 }, (_, at) => `10${at + 1}`)
  const turns = planOf({
    groups: [group('all', members, { order: 'in-turn', step: 5 }), group('two', ['102', '103'], { order: 'in-turn' })],
    numbers: [own('+4930555', ['group:two', 'user:104']), own('+4930556', ['group:all', 'user:alice'])],
    forwards: [forward('104', { noAnswer: `number:${MOBILE}` })],
    routes: [rule('out', '\\+49.*', ['trunk:one'])],
  })
  const after = (number: string, cause: string) =>
    explain(over('one', number), turns).follows.find((follows) => follows.cause === cause)?.what
  t.equal(after('+4930555', 'busy'), 'number +4930555 rings 103 for 15 s, then rings 104')
  t.equal(
    after('+4930555', 'no-answer'),
    `number +4930555 rings 103 for 15 s, then rings 104, then route out dials ${MOBILE} over trunk one, showing +4989111111`,
  )
  t.match(after('+4930556', 'busy'), /^number \+4930556 rings 102 for 5 s, (then rings \d+ for 5 s, ){7}then so on$/)
})

t.test('why a number sends its calls elsewhere', async (t) => {
  const numbers = [
    own('+4930551', ['user:101'], { availability: 'never' }),
    own('+4930552', ['user:101'], { availability: 'scheduled', schedule: 'office', fallback: 'user:102' }),
    own('+4930553', ['user:101'], { availability: 'after-hours', schedule: 'office', fallback: 'user:102' }),
    own('+4930554', ['user:101'], { availability: 'overflow', overCalls: 2, fallback: 'user:102' }),
    own('+4930555', ['user:101']),
  ]
  const callers = [{ number: '+4930555', caller: '+4989111111', to: 'user:103' }]
  const available = planOf({ schedules: [office], numbers, callers })
  const why = (number: string, more: Parameters<typeof over>[3] = {}) =>
    explain(over('one', number, '+4989111111', more), available).trace[0]?.why
  t.equal(why('+4930551'), '+4930551 is a number of ours, but not available: it never is')
  t.equal(why('+4930552', { at: NOON }), '+4930552 is a number of ours')
  t.match(why('+4930552', { at: NIGHT }), /, but not available: schedule office is closed then$/)
  t.match(why('+4930553', { at: NOON }), /, but not available: schedule office is open then$/)
  t.match(why('+4930554'), /, but not available: 0 calls to it are up and it wants at least 2$/)
  t.equal(why('+4930554', { usage: usage({ up: { 'number:+4930554': 2 } }) }), '+4930554 is a number of ours')
  t.match(why('+4930555'), /, and this caller has a destination of its own there$/)
})

t.test('expectations', async (t) => {
  const expect = (number: string, to: string, over_: Partial<ExpectationEntry> = {}): ExpectationEntry => {
    return { number, to, from: '101', caller: null, at: null, ...over_ }
  }
  const got = (expectation: ExpectationEntry, now = NOON) => broken(plan, [expectation], now).map(({ got }) => got)
  t.strictSame(got(expect(MOBILE, 'trunk:one')), [])
  t.strictSame(got(expect(MOBILE, 'trunk:two')), ['trunk:one'])
  t.strictSame(got(expect(MOBILE, 'trunk:two'), NIGHT), [])
  t.strictSame(got(expect(MOBILE, 'trunk:two', { at: '2026-12-25T20:00' })), [])
  t.strictSame(got(expect(MOBILE, 'trunk:two', { at: '2026-12-25T10:00' })), ['trunk:one'])
  t.strictSame(got(expect('+4930555', 'group:sales', { from: 'trunk:one' })), [])
  t.strictSame(got(expect('+4930555', 'user:102', { from: 'trunk:one' })), ['group:sales'])
  t.strictSame(got(expect('104', 'user:104')), [])
  t.strictSame(got(expect('104', 'trunk:one')), [])
  t.strictSame(got(expect('999x', 'reject:404')), [])
  t.strictSame(got(expect('+33123456789', 'reject:404')), ['reject:403'])
  t.strictSame(broken(plan, plan.source.expectations, NOON), [])
})
