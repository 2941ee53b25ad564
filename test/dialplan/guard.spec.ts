import t from 'tap'
import { goOn, nearCaps, route } from '../../src/dialplan/decide.ts'
import type { LimitEntry } from '../../src/dialplan/plan.ts'
import { from, NIGHT, over, own, planOf, rule, usage } from './plans.ts'

const FRENCH = '+33123456789'
const GERMAN = '+493012345678'
const PREMIUM = '09001234567'
const OUT = rule('out', '[+0-9*#]{4,}', ['trunk:one', 'trunk:two'])

function limit(subject: string, over_: Partial<LimitEntry>): LimitEntry {
  return { subject, calls: null, callsPerDay: null, minutesPerDay: null, night: null, ...over_ }
}

t.test('users call what they are allowed to', async (t) => {
  const allow = (...classes: ('internal' | 'national' | 'international' | 'premium')[]) =>
    planOf({ routes: [OUT] }, { allowed: () => classes })
  const denied = (dialled: string, plan = planOf({ routes: [OUT] })) => {
    const attempt = route(from('101', dialled), plan)
    return attempt.action === 'reject' ? `${attempt.status} ${attempt.denied}` : attempt.action
  }
  t.equal(denied(GERMAN), 'dial')
  t.equal(denied(FRENCH), '403 international calls are not allowed to 101')
  t.equal(denied(FRENCH, allow('international')), 'dial')
  t.equal(denied('0033123456789'), '403 international calls are not allowed to 101')
  t.equal(denied(GERMAN, allow('internal')), '403 national calls are not allowed to 101')
  t.equal(denied(PREMIUM, allow('internal', 'national', 'international')), '403 premium calls are not allowed to 101')
  t.equal(denied(PREMIUM, allow('premium')), 'dial')
  for (const hidden of ['*31#09001234567', '#31#0900123', '0900*1']) {
    t.equal(denied(hidden), '403 premium calls are not allowed to 101', `${hidden} may cost anything`)
  }
  t.equal(denied('4711'), 'dial', 'an extension of another phone system')
})

t.test('nobody’s account but a user’s calls premium numbers, nor for help', async (t) => {
  const all = { allowed: () => ['premium'] as const }
  const plan = (to: string) => planOf({ routes: [OUT], numbers: [own('+4930555', [to])] }, all)
  t.match(route(over('one', '+4930555'), plan(`number:${FRENCH}`)), { action: 'dial', account: 'number:+4930555' })
  t.match(route(over('one', '+4930555'), plan('number:+499001234567')), {
    action: 'reject',
    status: 403,
    denied: 'premium calls are not allowed to number:+4930555',
  })
  const through = planOf({ routes: [rule('through', '\\d+', ['trunk:two'], { from: 'trunk:one' })] })
  t.match(route(over('one', '03012345678'), through), { action: 'dial', account: 'trunk:one' })
  t.match(route(over('one', '112'), through), { action: 'reject', denied: /emergency/ })
  t.match(route(over('one', PREMIUM), through), { action: 'reject', denied: /premium/ })
})

t.test('caps of a user, and for any without its own', async (t) => {
  const plan = planOf({
    routes: [OUT],
    limits: [limit('any', { calls: 2, callsPerDay: 10 }), limit('user:101', { calls: 5, minutesPerDay: 60 })],
  })
  const denied = (user: string, used: Parameters<typeof usage>[0]) => {
    const attempt = route(from(user, GERMAN, { usage: usage(used) }), plan)
    if (attempt.action === 'dial') return attempt.trunk
    return attempt.action === 'reject' ? `${attempt.status} ${attempt.denied}` : attempt.action
  }
  t.equal(denied('102', { up: { 'user:102': 1 } }), 'one')
  t.equal(denied('102', { up: { 'user:102': 2 } }), '480 user:102 has 2 of 2 calls at once')
  t.equal(denied('101', { up: { 'user:101': 4, any: 99 } }), 'one')
  t.equal(denied('101', { up: { 'user:101': 5 } }), '480 user:101 has 5 of 5 calls at once')
  t.equal(
    denied('101', { today: { 'user:101': 10 } }),
    '480 user:101 has 10 of 10 calls a day',
    'not lifted by its own',
  )
  t.equal(denied('101', { minutes: { 'user:101': 60.5 } }), '480 user:101 has 60 of 60 minutes a day')
  t.equal(denied('102', { minutes: { 'user:102': 999 } }), 'one')
})

t.test('a trunk that is full: the next, and where there is none, no way out', async (t) => {
  const plan = planOf({
    routes: [OUT],
    limits: [limit('trunk:one', { calls: 1 }), limit('trunk:two', { callsPerDay: 3 })],
  })
  const full = { up: { 'trunk:one': 1 }, today: { 'trunk:two': 3 } }
  t.match(route(from('101', GERMAN, { usage: usage({ up: full.up }) }), plan), { action: 'dial', trunk: 'two' })
  t.match(route(from('101', GERMAN, { usage: usage(full) }), plan), {
    action: 'reject',
    status: 503,
    denied: 'trunk:two has 3 of 3 calls a day',
  })
  const query = from('101', GERMAN, { usage: usage({ today: full.today }) })
  t.match(goOn(route(query, plan), 'unavailable', query, plan), { action: 'reject', denied: /trunk:two has 3/ })
})

t.test('the night lock, on the server’s clocks', async (t) => {
  const plan = (tz: string) => planOf({ routes: [OUT], limits: [limit('any', { night: '22:00-06:00' })] }, { tz })
  const denied = 'night lock 22:00-06:00 of user:101'
  t.match(route(from('101', GERMAN, { at: NIGHT }), plan('UTC')), { status: 403, denied })
  t.match(route(from('101', GERMAN), plan('UTC')), { action: 'dial' })
  t.match(route(from('101', GERMAN), plan('Asia/Tokyo')), { action: 'dial' }, '21:00 there')
  t.match(route(from('101', GERMAN), plan('Pacific/Auckland')), { action: 'reject' }, '01:00 there')
})

t.test('caps that are nearly used up', async (t) => {
  const limits = [limit('any', { callsPerDay: 10 }), limit('trunk:one', { calls: 5, minutesPerDay: 100 })]
  const plan = planOf({ routes: [OUT], limits })
  const attempt = route(from('101', GERMAN), plan)
  if (attempt.action !== 'dial') throw new Error('it was not dialled')
  const near = (used: Parameters<typeof usage>[0]) => nearCaps(attempt, attempt.trunk, usage(used), plan)
  t.strictSame(near({ today: { 'user:101': 7 }, up: { 'trunk:one': 3 }, minutes: { 'trunk:one': 79 } }), [])
  t.strictSame(near({ today: { 'user:101': 8 }, up: { 'trunk:one': 4 }, minutes: { 'trunk:one': 80.2 } }), [
    'user:101 has 8 of 10 calls a day',
    'trunk:one has 4 of 5 calls at once',
    'trunk:one has 80 of 100 minutes a day',
  ])
})
