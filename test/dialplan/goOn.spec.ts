import t from 'tap'
import { type CompiledPlan, goOn, route } from '../../src/dialplan/decide.ts'
import type { Cause, RouteQuery } from '../../src/dialplan/decision.ts'
import { inWords, targetOf } from '../../src/dialplan/wording.ts'
import { forward, from, group, over, own, part, planOf, rule, usage } from './plans.ts'

const OUT = rule('out', '\\+49\\d+', ['trunk:one', 'trunk:two'])
const MOBILE = '+4915112345678'

/** Who is tried when each attempt fails for the cause that is given for it, the last for ever; `-`: the caller hears the cause. */
function chain(query: RouteQuery, plan: CompiledPlan, ...causes: Cause[]): readonly string[] {
  const tried: string[] = []
  let attempt = route(query, plan)
  for (let i = 0; i < 60; i++) {
    tried.push(attempt.action === 'ring' ? attempt.users.join('+') : targetOf(attempt))
    const next = goOn(attempt, causes[Math.min(i, causes.length - 1)] ?? 'busy', query, plan)
    if (next === null) return tried
    attempt = next
  }
  return [...tried, 'for ever']
}

t.test('trunks in order: the next where one is unavailable, and nothing where the line is busy', async (t) => {
  const plan = planOf({ routes: [rule('out', '\\+49\\d+', ['trunk:one', 'trunk:two'], { unavailable: 'app:tone' })] })
  t.strictSame(chain(from('101', MOBILE), plan, 'unavailable'), ['trunk:one', 'trunk:two', 'app:tone'])
  for (const cause of ['busy', 'no-answer', 'offline'] as const) {
    t.strictSame(chain(from('101', MOBILE), plan, cause), ['trunk:one'], cause)
    t.strictSame(chain(from('101', MOBILE), plan, 'unavailable', cause), ['trunk:one', 'trunk:two'], cause)
  }
})

t.test('people are tried one after the other; the rule’s own word on a cause comes first', async (t) => {
  const list = rule('in', '5', ['user:102', 'user:103', 'trunk:one'], { number: '+49301234567', busy: 'user:104' })
  const plan = planOf({ routes: [list] })
  t.strictSame(chain(from('101', '5'), plan, 'no-answer'), ['102', '103', 'trunk:one'])
  t.strictSame(chain(from('101', '5'), plan, 'offline'), ['102', '103', 'trunk:one'])
  t.strictSame(chain(from('101', '5'), plan, 'busy'), ['102', '104'], 'the rest of the list is left')
  t.strictSame(chain(from('101', '5'), plan, 'no-answer', 'busy'), ['102', '103', '104'])
  t.strictSame(chain(from('101', '5'), plan, 'no-answer', 'no-answer', 'busy'), ['102', '103', 'trunk:one', '104'])
})

t.test('nothing twice', async (t) => {
  const plan = planOf({
    routes: [rule('in', '5', ['user:102', 'group:sales', 'user:102', 'user:103', 'user:104'])],
    groups: [group('sales', ['102', '103'])],
  })
  t.strictSame(chain(from('101', '5'), plan, 'no-answer'), ['102', '103', '104'])
})

t.test('weighted trunks by chance, each once', async (t) => {
  const to = ['trunk:one', 'trunk:two', 'trunk:three', 'app:tone']
  const plan = planOf({ routes: [rule('out', '\\+49\\d+', to, { weights: [3, 1, 0, 0] })] })
  const first = new Map<string, number>()
  for (let i = 0; i < 1000; i++) {
    const tried = chain(from('101', MOBILE, { draw: i / 1000 }), plan, 'unavailable')
    if (tried.slice(2).join() !== 'trunk:three,app:tone') t.fail(tried.join())
    first.set(tried[0] ?? '', (first.get(tried[0] ?? '') ?? 0) + 1)
  }
  t.strictSame(
    [...first],
    [
      ['trunk:one', 750],
      ['trunk:two', 250],
    ],
  )
})

t.test('groups', async (t) => {
  const numbers = [own('+4930555', ['group:sales', 'user:109'])]
  const members = ['101', '102', '103']
  const plan = (over_: object, ...forwards: ReturnType<typeof forward>[]) =>
    planOf({ numbers, forwards, groups: [group('sales', members, over_)] })
  const call = over('one', '+4930555')
  t.strictSame(chain(call, plan({}), 'no-answer'), ['101+102+103', '109'])
  const inTurn = plan({ order: 'in-turn', step: 7 })
  t.strictSame(chain(call, inTurn, 'busy', 'no-answer'), ['101', '102', '103', '109'])
  t.match(route(call, inTurn), { timeout: 7, rule: 'number +4930555' })
  const idle = { ...call, usage: usage({ idle: { 101: 300, 102: 100, 103: 200 } }) }
  t.strictSame(chain(idle, plan({ order: 'longest-idle' }), 'busy'), ['102', '103', '101', '109'])
  t.strictSame(chain(call, plan({}, forward('102', { dnd: true })), 'busy'), ['101+103', '109'])
  const sentOn = forward('102', { always: 'user:105', busy: 'user:106' })
  t.strictSame(
    chain(call, plan({ order: 'in-turn' }, sentOn), 'busy'),
    ['101', '102', '103', '109'],
    'members do not forward',
  )
  const away = members.map((user) => forward(user, { dnd: true }))
  t.strictSame(chain(call, plan({}, ...away), 'busy'), ['109'])
  t.strictSame(chain(call, planOf({ numbers, groups: [group('sales', [])] }), 'busy'), ['109'])
})

t.test('a group that is rung in turn answers with what tells most', async (t) => {
  const numbers = [own('+4930555', ['group:sales'], { noAnswer: 'app:tone', busy: 'app:echo' })]
  const plan = planOf({ numbers, groups: [group('sales', ['101', '102'], { order: 'in-turn' })] })
  const call = over('one', '+4930555')
  t.strictSame(chain(call, plan, 'no-answer', 'busy'), ['101', '102', 'app:tone'])
  t.strictSame(chain(call, plan, 'offline', 'busy'), ['101', '102', 'app:echo'])
})

t.test('what users want done with their calls', async (t) => {
  const plan = (over_: Parameters<typeof forward>[1], next: Parameters<typeof forward>[1] = {}) =>
    planOf({
      routes: [OUT, rule('in', '5', ['user:102', 'user:109'])],
      forwards: [forward('102', over_), forward('103', next)],
    })
  const call = from('101', '5')
  t.strictSame(chain(call, plan({ always: 'user:103' }), 'busy'), ['103', '109'])
  t.strictSame(chain(call, plan({ always: 'user:103' }, { busy: 'user:104' }), 'busy'), ['103', '104', '109'])
  t.strictSame(chain(call, plan({ dnd: true }), 'busy'), ['109'])
  t.strictSame(chain(call, plan({ dnd: true, busy: 'user:103' }), 'busy'), ['103', '109'])
  t.strictSame(chain(call, plan({ busy: 'user:103' }), 'busy'), ['102', '103', '109'])
  t.strictSame(chain(call, plan({ busy: 'user:103' }), 'no-answer'), ['102', '109'])
  t.strictSame(chain(call, plan({ noAnswer: 'user:103' }), 'no-answer'), ['102', '103', '109'])
  t.strictSame(chain(call, plan({ offline: 'user:103' }), 'offline'), ['102', '103', '109'])
  t.strictSame(chain(from('101', '102'), plan({ dnd: true }), 'busy'), ['reject:486'])
  t.match(route(call, plan({ noAnswer: 'user:103', after: 12 })), { timeout: 12 })
  t.match(route(call, plan({ busy: 'user:103', after: 12 })), { timeout: null })
})

t.test('sent on to the phone network: on the account and by the rules of who sends it on', async (t) => {
  const plan = planOf({
    routes: [rule('staff', '\\+49\\d+', ['trunk:one'], { from: 'user:102' }), rule('rest', '\\+49\\d+', ['trunk:two'])],
    forwards: [forward('102', { noAnswer: `number:${MOBILE}` })],
    numbers: [own('+4930555', ['user:102']), own('+4930666', [`number:${MOBILE}`])],
  })
  const call = over('three', '+4930555')
  t.match(goOn(route(call, plan), 'no-answer', call, plan), {
    rule: 'route staff',
    action: 'dial',
    trunk: 'one',
    account: 'user:102',
    callerId: '+4989111111',
    divertedBy: ['number:+4930555', 'user:102'],
    number: { raw: MOBILE, e164: MOBILE },
  })
  t.match(route(over('three', '+4930666', null), plan), {
    rule: 'route rest',
    trunk: 'two',
    account: 'number:+4930666',
    divertedBy: ['number:+4930666'],
    callerId: null,
  })
  t.match(route(from('101', '102'), plan), { divertedBy: [] })
})

t.test('a forward that no rule or guard allows says so, where nothing else is left', async (t) => {
  const forwards = [forward('102', { busy: 'number:+33123456789' })]
  const some = planOf({ routes: [rule('out', '\\+.*', ['trunk:one'])], forwards })
  const denied = 'international calls are not allowed to 102'
  t.match(goOn(route(from('101', '102'), some), 'busy', from('101', '102'), some), { status: 403, denied })
  const none = planOf({ forwards })
  t.match(goOn(route(from('101', '102'), none), 'busy', from('101', '102'), none), {
    denied: 'no rule allows user:102 to call +33123456789',
  })
  const more = planOf({ forwards, routes: [rule('in', '5', ['user:102', 'user:103'])] })
  t.strictSame(chain(from('101', '5'), more, 'busy'), ['102', '103'])
})

t.test('numbers lead to numbers', async (t) => {
  const numbers = [
    own('+4930555', ['number:+4930666'], { busy: 'app:tone' }),
    own('+4930666', ['user:101', 'user:102']),
  ]
  const plan = planOf({ numbers })
  t.strictSame(chain(over('one', '+4930555'), plan, 'busy'), ['101', '102', 'app:tone'])
})

t.test('emergency calls: the next trunk on unavailable and on busy', async (t) => {
  const all = ['trunk:two', 'trunk:three', 'trunk:one']
  t.strictSame(chain(from('101', '112'), planOf({}), 'unavailable'), all, 'those that are not marked for it last')
  t.strictSame(chain(from('101', '112'), planOf({}), 'busy'), all)
  t.strictSame(chain(from('101', '112'), planOf({}), 'no-answer'), ['trunk:two'])
})

t.test('a plan that is changed under way makes no circle', async (t) => {
  const query = from('101', '102')
  const before = planOf({ forwards: [forward('102', { busy: 'user:103' })] })
  const after = planOf({ forwards: [forward('103', { busy: 'user:102' })] })
  const second = goOn(route(query, before), 'busy', query, before)
  if (second === null) throw new Error('103 was not rung')
  const third = goOn(second, 'busy', query, after)
  t.match(third, { action: 'reject', status: 482, reason: /user:102 → user:103 → user:102/ })
  const loop = planOf({ routes: [rule('self', '\\+49(?P<x>\\d+)', [`number:+49${part('x')}`])] })
  t.match(route(from('101', MOBILE), loop), { action: 'reject', status: 482 })
})

t.test('ten attempts at most', async (t) => {
  const isUser = (name: string) => /^\d\d$/.test(name)
  const to = Array.from({ length: 30 }, (_, i) => `user:${10 + i}`)
  const plan = planOf({ routes: [rule('long', 'x', to)] }, { isUser })
  t.equal(chain(from('99', 'x'), plan, 'busy').length, 10)
  const members = to.map((text) => text.slice('user:'.length))
  const groups = [group('all', members, { order: 'in-turn' })]
  const grouped = planOf({ groups, routes: [rule('long', 'x', ['group:all', 'app:tone'])] }, { isUser })
  const tried = chain(from('99', 'x'), grouped, 'busy')
  t.strictSame([tried.length, tried.at(-1)], [31, 'app:tone'], 'a group counts once')
})

t.test('an app or a refusal is the end', async (t) => {
  const plan = planOf({ routes: [rule('end', 'x', ['reject:486', 'user:101'])] })
  t.equal(goOn(route(from('101', '*43'), plan), 'unavailable', from('101', '*43'), plan), null)
  t.equal(goOn(route(from('101', 'x'), plan), 'busy', from('101', 'x'), plan), null)
  t.equal(inWords(route(from('101', 'x'), plan)), 'is refused with 486: busy')
})
