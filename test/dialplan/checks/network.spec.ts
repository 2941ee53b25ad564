import t from 'tap'
import type { ForwardEntry, RouteEntry } from '../../../src/dialplan/plan.ts'
import { check, ours, rule } from './plans.ts'

t.test('an empty plan has nothing to be said', async (t) => {
  t.strictSame(check({}, { trunks: [], country: null }), [])
})

t.test('what nothing uses', async (t) => {
  const schedules = ['day', 'night', 'lunch', 'spare'].map((name) => ({
    ...{ name, tz: 'UTC', open: [], closed: [], special: [] },
  }))
  t.strictSame(
    check({
      schedules,
      routes: [rule('a', '7', 'user:101', { when: 'day' }), rule('b', '8', 'user:101', { when: '!night' })],
      numbers: [ours('+15551234567', 'user:101', { availability: 'scheduled', schedule: 'lunch' })],
    }),
    ['note schedule spare: no rule and no number uses it'],
  )
  t.strictSame(check({ groups: [{ name: 'sales', members: [], order: 'together', step: 10 }] }), [
    'warning group sales: it has no members, so that nobody rings; add some with --members',
  ])
})

t.test('trunks', async (t) => {
  const trunks = ['sos', 'first', 'second', 'in', 'bound', 'spare'].map((name) => ({ name, emergency: name === 'sos' }))
  const plan = {
    routes: [
      rule('a', '7', 'trunk:first', { unavailable: 'trunk:second' }),
      rule('b', '8', 'user:101', { from: 'trunk:in' }),
    ],
    numbers: [ours('+15551234567', 'user:101', { trunk: 'bound' })],
  }
  t.strictSame(check(plan, { trunks }), [
    'note trunk spare: no rule sends calls out by it, and no rule and no number is for it alone',
  ])
})

t.test('numbers that no trunk brings', async (t) => {
  const numbers = [ours('+15551234567', 'user:101'), ours('+15551234568', 'user:101', { trunk: 'gone' })]
  const gone = 'warning number +15551234568: only trunk gone may bring calls for it, and there is no such trunk'
  t.strictSame(check({ numbers }, { trunks: [] }), [
    'warning number +15551234567: there is no trunk that could bring calls for it; add one with trunk add',
    gone,
  ])
  t.strictSame(check({ numbers }), [gone])
})

t.test('the country', async (t) => {
  const [found, ...others] = check({}, { country: null })
  t.match(found, /^warning country: the country of this server is not set, .* set country in offhook.yaml$/)
  t.strictSame(others, [])
})

t.test('emergency numbers', async (t) => {
  const trunks = [{ name: 'out', emergency: false }]
  t.strictSame(check({ routes: [rule('a', '7', 'trunk:out')] }, { trunks }), [
    'warning emergency numbers: no trunk is marked for emergency calls, so they try every trunk in order; mark those that take them with trunk set NAME --emergency',
  ])
  const hidden = (kind: string, name: string) =>
    `error ${kind} ${name}: ${name} is an emergency number, so that nobody reaches this ${kind} by dialling it; give it another name`
  t.strictSame(check({}, { isUser: (name) => name === '10111' || name === '101' }), [hidden('user', '10111')])
  t.strictSame(check({ groups: [{ name: '911', members: ['101'], order: 'together', step: 10 }] }), [
    hidden('group', '911'),
  ])
})

t.test('calls sent on to where they may not go', async (t) => {
  const none = { always: null, busy: null, noAnswer: null, offline: null, after: null, dnd: false }
  const sent = (forward: Partial<ForwardEntry>, routes = [rule('out', '\\+\\d+', 'trunk:out')]) =>
    check({ forwards: [{ user: '101', ...none, ...forward }], routes, numbers: [ours('+15551234567', 'user:102')] })
  t.strictSame(sent({ always: 'number:+15557654321' }), [])
  t.strictSame(sent({ busy: 'number:+4930123456', offline: 'number:+4930123456' }), [
    'warning forward 101: calls are to be sent to +4930123456, which counts as international, and 101 may not call such numbers',
  ])
  t.strictSame(sent({ noAnswer: 'number:+15551234567', always: 'user:102' }, []), [], 'our own number')
  t.strictSame(sent({ always: 'number:+15557654321' }, []), [
    'warning forward 101: calls are to be sent to +15557654321, and no rule allows 101 to call it',
  ])
  t.equal(sent({ always: 'number:+15557654321' }, [rule('b', '\\+.*', 'trunk:out', { from: 'user:102' })]).length, 1)
  t.strictSame(sent({ always: 'number:+15557654321' }, [rule('odd', '\\pN+', 'trunk:out')]).length, 1, 'we can’t tell')
  t.strictSame(sent({ always: 'number:915557654321' }, [rule('nine', '9\\d+', 'trunk:out', { strip: 2 })]), [])
})

t.test('rules for the E.164 form of what calls are sent on to', async (t) => {
  const none = { always: null, busy: null, noAnswer: null, offline: null, after: null, dnd: false }
  const sent = (number: string, ...routes: readonly RouteEntry[]) =>
    check({ forwards: [{ user: '101', ...none, always: `number:${number}` }], routes })
  const out = rule('out', '\\+1\\d+', 'trunk:out')
  t.strictSame(sent('5557654321', out), [])
  t.match(sent('0557654321', out), [/no rule allows 101 to call it$/], 'it is not known to exist')
  t.match(sent('9005551234', out), [/counts as premium/])
  t.strictSame(sent('5557654321', rule('strip', '\\+1\\d+', 'trunk:out', { strip: 2 })), [])
  t.match(sent('9005551234', rule('strip', '\\+1\\d+', 'trunk:out', { strip: 2 })), [/counts as premium/])
})

t.test('our numbers that send calls on', async (t) => {
  const sent = (to: string, from: string) =>
    check({ numbers: [ours('+15551234567', to)], routes: [rule('out', '\\+\\d+', 'trunk:out', { from })] })
  t.strictSame(sent('number:+4930123456', 'any'), [])
  t.strictSame(sent('number:+19005551234', 'any'), [
    'warning number +15551234567: calls are to be sent to +19005551234, which counts as premium, and number:+15551234567 may not call such numbers',
  ])
  t.strictSame(sent('number:+4930123456', 'user:101'), [
    'warning number +15551234567: calls are to be sent to +4930123456, and no rule allows number:+15551234567 to call it',
  ])
})
