import t from 'tap'
import { route } from '../../src/dialplan/decide.ts'
import type { RouteEntry } from '../../src/dialplan/plan.ts'
import { indexRules } from '../../src/dialplan/ruleIndex.ts'
import { forward, from, over, own, part, planOf, rule } from './plans.ts'

const BERLIN = '+4930987654'
const routes = (...rules: readonly RouteEntry[]) => {
  const plan = planOf({ routes: rules }, { allowed: () => ['national', 'international', 'premium'] })
  return (dialled: string) => route(from('101', dialled), plan)
}

t.test('one rule for a number however it is dialled', async (t) => {
  const to = routes(rule('out', '\\+49\\d+', ['trunk:one']))
  for (const dialled of [BERLIN, '030987654', '004930987654', '030/98 76 54', 'tel:+49-30-987654']) {
    t.match(to(dialled), { action: 'dial', number: { raw: BERLIN, e164: BERLIN } }, dialled)
  }
  t.match(to('+33142345678'), { status: 403, denied: 'no rule allows it' })
  t.match(to('0033142345678'), { status: 403, denied: 'no rule allows it' })
})

t.test('what is guessed of digits is not dialled, and is refused all the same', async (t) => {
  const guessed = { status: 403, denied: 'no rule allows it' }
  t.match(routes(rule('out', '\\+49.*', ['trunk:one']))('9030123'), guessed)
  t.match(routes(rule('in', '\\+49.*', ['user:102']))('0900123456'), guessed)
  t.match(routes(rule('some', '\\+49.*', ['reject:403', 'user:102']))('0900123456'), guessed)
  t.match(routes(rule('some', '\\+49.*', ['reject:403'], { busy: 'user:102' }))('0900123456'), guessed)
  const refused = routes(rule('dear', '\\+49900.*', ['reject:603']), rule('out', '.*', ['trunk:one']))
  for (const dialled of ['+49900123456', '0900123456', '0049 900 123456', '09001234567']) {
    t.match(refused(dialled), { rule: 'route dear', status: 603 }, dialled)
  }
  t.match(refused('9030123'), { rule: 'route out', action: 'dial', number: { raw: '9030123' } }, 'sent as dialled')
})

t.test('of one rule what was dialled comes first, and the order of rules before both', async (t) => {
  const both = rule('both', '(?P<all>0(?P<local>\\d+)|\\+49(?P<rest>\\d+))', ['trunk:one'])
  const number = `${part('local')}/${part('rest')}`.replace('/', '-')
  t.match(routes({ ...both, number })('030987654'), { number: { raw: '30987654-' } })
  t.match(routes({ ...both, number })('004930987654'), { number: { raw: '04930987654-' } })
  t.match(routes({ ...both, number })('4930987654'), { number: { raw: '-30987654' } })
  t.match(
    routes({ ...both, number })('30987654'),
    { action: 'reject', status: 403 },
    'a neighbour’s number, or a guess',
  )
  const rules = [rule('plus', '\\+49\\d+', ['trunk:one']), rule('zero', '0\\d+', ['trunk:two'])]
  t.match(routes(...rules)('030987654'), { rule: 'route plus' })
  t.match(routes(...rules.toReversed())('030987654'), { rule: 'route zero', number: { raw: '030987654' } })
})

t.test('named groups, strip and prepend are of the form that matched', async (t) => {
  const home = rule('home', '\\+49\\d+', ['trunk:one'], { strip: 3, prepend: '0' })
  t.match(routes(home)('004930987654'), { number: { raw: '030987654', e164: BERLIN } })
  const named = rule('named', '\\+49(?P<rest>\\d+)', ['trunk:one'], { number: `0${part('rest')}` })
  t.match(routes(named)('4930 987654'), { number: { raw: '030987654', e164: BERLIN } })
  const inside = rule('block', '\\+49301234(?P<ext>1\\d\\d)', [`user:${part('ext')}`], { from: 'trunk:one' })
  const plan = planOf({ routes: [inside] })
  for (const called of ['+49301234101', '0301234101', '49301234101']) {
    t.match(route(over('one', called), plan), { action: 'ring', users: ['101'] }, called)
  }
})

t.test('numbers that calls are sent on to, and our own', async (t) => {
  const plan = planOf({
    routes: [rule('out', '\\+49\\d+', ['trunk:one'])],
    numbers: [own('+4930555', ['number:030987654'])],
    forwards: [forward('102', { always: 'number:030987654' })],
  })
  t.match(route(from('101', '102'), plan), { action: 'dial', number: { raw: BERLIN } })
  t.match(route(over('one', '030555'), plan), { action: 'dial', number: { raw: BERLIN } })
})

t.test('emergency numbers stand alone', async (t) => {
  const plan = planOf({ routes: [rule('all', '\\+.*', ['reject:603']), rule('any', '.*', ['reject:600'])] })
  for (const dialled of ['112', '110', '1-1-2']) {
    t.match(route(from('101', dialled), plan), { rule: 'emergency numbers', action: 'dial', emergency: true }, dialled)
  }
  t.match(route(over('one', '112'), plan), { rule: 'route any' }, 'no other form of it either')
})

t.test('the index finds rules for both forms, in their order and each once', async (t) => {
  const index = indexRules(['+49', '', '0', '+4930', '04', '', '+49', '03'])
  t.strictSame(index.candidates('030', '+4930'), [0, 1, 2, 3, 5, 6, 7])
  t.strictSame(index.candidates('+4930', null), [0, 1, 3, 5, 6])
  t.strictSame(index.candidates('+49', '+4930'), [0, 1, 3, 5, 6], 'they begin alike')
  t.strictSame(index.candidates('', '+4'), [1, 5])
})
