import t from 'tap'
import { compile } from '../../src/dialplan/decide.ts'
import { formatDestination, parseDestination } from '../../src/dialplan/destination.ts'
import { compileExpression } from '../../src/dialplan/expression.ts'
import { numbering } from '../../src/dialplan/number.ts'
import { EMPTY_PLAN, type PlanSource, type RouteEntry } from '../../src/dialplan/plan.ts'
import { forward, group, office, own, part, planOf, problemsOf, rule, surroundings } from './plans.ts'

t.test('destinations', async (t) => {
  const good = ['user:101', 'user:care4w-1000001', 'group:sales', 'trunk:twilio', 'number:+15551234567']
  for (const text of [
    ...good,
    'number:03012345',
    'sip:a.b@example.com',
    'sip:x@[2001:db8::1]:5070',
    'app:echo',
    'reject:486',
  ]) {
    const destination = parseDestination(text)
    t.equal('problem' in destination ? destination.problem : formatDestination(destination), text)
  }
  const bad = ['', 'user', 'user:', 'user:a b', 'usr:101', 'number:+1 555', 'number:abc', 'reject:200', 'reject:4860']
  for (const text of [
    ...bad,
    'sip:a@b@c',
    'sip:a',
    'sip:a@b;x=y',
    'sip:a@b\r\nX: y',
    'app:a,b',
    '101',
    'trunk:\u0000',
  ]) {
    t.match(parseDestination(text), { problem: /write / }, JSON.stringify(text))
  }
  t.match(parseDestination('voicemail:101'), { problem: 'voicemail does not exist yet' })
  t.match(parseDestination('announce:not-in-service'), { problem: 'announce does not exist yet' })
})

function message(source: Partial<PlanSource>): string {
  return problemsOf(source)
    .map(({ kind, name, message }) => `${kind} ${name}: ${message}`)
    .join(' | ')
}

/** The only sentence about a rule. */
function about(match: string, over: Partial<RouteEntry> = {}, to: readonly string[] = ['user:101']): string {
  const problems = problemsOf({
    routes: [rule('out', match, to, over)],
    groups: [group('sales', ['101'])],
    schedules: [office],
  })
  return problems.map(({ message }) => message).join(' | ')
}

t.test('expressions that cannot be, with the place', async (t) => {
  const positions = [
    ['12(?=3)4', 2],
    ['(1)\\1', 3],
    ['0(12(3)', 1],
    ['012)3', 3],
    ['0[9-1]', 2],
    ['0{5,2}', 1],
    ['0**', 1],
    ['(?P<a>1)(?P<a>2)', 12],
  ] as const
  for (const [match, position] of positions) {
    const [problem] = problemsOf({ routes: [rule('out', match, ['user:101'])] })
    t.equal(problem?.position, position, match)
    t.match(problem?.message, `at character ${position + 1}`)
  }
  t.match(about('12(?=3)4'), /^match 12\(\?=3\)4 .*there is no lookahead/)
  t.match(about('0'.repeat(501)), /more than 500 characters/)
  t.match(about('((\\d{30}){30}){1,1}|((\\w{20}){30}){1,1}|(\\d{900})'), /too large/)
})

t.test('what a rule cannot name or say', async (t) => {
  t.equal(about('1', {}, ['user:999']), 'there is no user 999; add it or name another')
  t.equal(about('1', {}, ['trunk:twwo']), 'there is no trunk twwo; did you mean two?')
  t.equal(about('1', {}, ['group:sale']), 'there is no group sale; did you mean sales?')
  t.equal(about('1', {}, ['app:cinema']), 'there is no app cinema')
  t.match(about('1', {}, ['voicemail:101']), /voicemail does not exist yet/)
  t.match(about('1', {}, ['number:112']), /emergency number/)
  t.match(about('1', {}, ['number:17']), /no number of the phone network/)
  t.match(about('1', {}, []), /goes nowhere/)
  t.match(about('1', { busy: 'user:999' }), /no user 999/)
  t.match(about('1', { from: 'user:999' }), /no user 999/)
  t.match(about('1', { from: 'group:x' }), /no group x/)
  t.match(about('1', { from: 'trunk:x' }), /no trunk x/)
  t.match(about('1', { from: '101' }), /101 is nobody that calls/)
  t.match(about('1', { when: '!ofice' }), /no schedule ofice; did you mean office\?/)
  t.match(about('1', { caller: '(' }), /caller \( is no expression/)
  t.match(about('1', { weights: [1, 2] }), /2 weights for 1 destinations/)
  t.match(about('1', { weights: [1.5] }), /weight 1.5/)
  t.match(about('1', { weights: [0] }), /all its weights are 0/)
  t.match(about('1', { after: 0 }), /0 s is no time/)
  t.match(about('1', { overCalls: 0 }), /over-calls 0/)
  t.match(about('1', { overCalls: 1, overCallsOf: 'number:+1555' }), /no calls to count/)
  t.match(about('1', { callerId: '030' }), /caller ID 030/)
  t.match(about('1', { strip: -1 }), /strip -1/)
  t.match(about('1', { prepend: 'a b' }), /prepend a b/)
  t.match(about('1', { number: '0', strip: 1 }), /leave out/)
  t.equal(about('(?P<x>1)', {}, [`user:${part('x')}`]), '')
  t.match(about('(?P<x>1)', {}, [`user:${part('y')}`]), /named groups are x/)
  t.match(about('1', {}, [`user:${part('y')}`]), /there are no named groups/)
  t.match(about('1', { number: part('y') }), /there are no named groups/)
  t.match(about('1', { busy: `user:${part('x')}` }), /no named groups/)
  t.match(about('(?P<x>1)', {}, [`trunk:${part('x')}`]), /cannot be chosen by what is dialled/)
})

t.test('the rest of the plan', async (t) => {
  t.match(message({ groups: [group('g', ['101', '999', '101'], { step: 0 })] }), /999.*101 is in it twice.*0 s/)
  t.match(message({ numbers: [own('030', ['user:101'])] }), /number 030: 030 is no number/)
  t.match(message({ numbers: [own('+4930', ['user:101'], { availability: 'scheduled' })] }), /needs a schedule/)
  t.match(message({ numbers: [own('+4930', ['user:101'], { availability: 'overflow' })] }), /over-calls/)
  t.match(
    message({ numbers: [own('+4930', ['user:101'], { trunk: 'x', fallback: 'user:x' })] }),
    /no trunk x.*no user x/,
  )
  t.match(
    message({ callers: [{ number: '+4930', caller: 'x', to: 'user:9' }] }),
    /no number of ours.*no caller's.*user 9/,
  )
  t.match(message({ schedules: [{ ...office, tz: 'Mars/Base' }] }), /schedule office: .*Mars/)
  t.match(message({ forwards: [forward('101', { busy: 'trunk:one' })] }), /forward 101: trunk:one does not say what/)
  t.match(message({ forwards: [forward('999', { after: 9999 })] }), /no user 999.*9999 s/)
  const caps = { calls: -1, callsPerDay: null, minutesPerDay: null, night: '25:00-26:00' }
  t.match(message({ limits: [{ subject: 'group:x', ...caps }] }), /group:x has no calls.*-1 is no cap.*25:00/)
  const expectation = { number: '1', from: 'trunk:x', caller: null, at: '2026-02-30T10:00', to: 'x' }
  t.match(message({ expectations: [expectation] }), /no trunk x.*no time.*no destination/)
  t.match(message({ groups: [group('g', []), group('g', [])] }), /two of g/)
})

t.test('circles, each with its whole way', async (t) => {
  const circle = [forward('101', { busy: 'user:102' }), forward('102', { always: 'user:101' })]
  t.equal(
    message({ forwards: circle }),
    'forward 101: calls would go in a circle: 101 → 102 → 101; send one of them elsewhere',
  )
  t.match(message({ forwards: [forward('101', { offline: 'user:101' })] }), /circle: 101 → 101/)
  const numbers = [
    own('+4930111', ['user:101']),
    own('+4930222', ['number:+4930333']),
    own('+4930333', ['user:101'], { fallback: 'number:+4930222' }),
  ]
  t.match(message({ numbers }), /number \+4930222: .*: \+4930222 → \+4930333 → \+4930222/)
  t.match(
    message({ numbers, forwards: [forward('101', { always: 'number:030111' })] }),
    /\+4930111 → 101|101 → \+4930111/,
  )
  const callers = [{ number: '+4930111', caller: '+4989', to: 'number:+4930111' }]
  t.match(message({ numbers: numbers.slice(0, 1), callers }), /\+4930111 → \+4930111/)
  const shared = [forward('101', { busy: 'user:103' }), forward('102', { busy: 'user:103' })]
  t.equal(message({ forwards: shared }), '', 'two ways to one are no circle')
  const members = [forward('101', { busy: 'group:g' })]
  t.equal(message({ forwards: members, groups: [group('g', ['101', '102'])] }), '', 'members do not forward')
})

t.test('a chain of 20,000 users is followed without recursion', async (t) => {
  const forwards = Array.from({ length: 20_000 }, (_, i) => forward(`u${i}`, { busy: `user:u${i + 1}` }))
  const around = surroundings({ isUser: () => true })
  t.ok('plan' in compile({ ...EMPTY_PLAN, forwards }, around, numbering('DE')))
  const closed = [...forwards, forward('u20000', { busy: 'user:u0' })]
  const { problems } = { problems: [], ...compile({ ...EMPTY_PLAN, forwards: closed }, around, numbering('DE')) }
  t.equal(problems.length, 1)
})

t.test('an expression is compiled once, whatever plan it is in', async (t) => {
  const first = planOf({ routes: [rule('a', '77\\d+', ['user:101'])] })
  const second = planOf({ routes: [rule('x', '1', ['user:101']), rule('b', '77\\d+', ['user:102'])] })
  t.equal(first.rules[0]?.match, second.rules[1]?.match)
  t.equal(compileExpression('77\\d+'), first.rules[0]?.match)
})
