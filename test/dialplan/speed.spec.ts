import t from 'tap'
import { goOn, route } from '../../src/dialplan/decide.ts'
import { from, planOf, rule } from './plans.ts'

/** Of `rounds` rounds the median of the time that one run takes, µs. */
function median(run: (i: number) => void, rounds = 51, each = 200): number {
  for (let i = 0; i < 2000; i++) run(i)
  const times = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint()
    for (let i = 0; i < each; i++) run(i)
    return Number(process.hrtime.bigint() - start) / 1000 / each
  })
  return times.sort((a, b) => a - b)[rounds >> 1] ?? Number.NaN
}

const thousand = Array.from({ length: 1000 }, (_, i) =>
  rule(`to ${i}`, `\\+49${3000 + i}\\d{3,9}`, ['trunk:one', 'trunk:two']),
)

t.test('a thousand rules route in under 20 µs', async (t) => {
  const plan = planOf({ routes: thousand })
  const queries = Array.from({ length: 100 }, (_, i) => from('101', `+49${3000 + i * 10}123456`))
  const time = median((i) => route(queries[i % 100] ?? from('', ''), plan))
  const denied = median(() => route(from('101', '+4989123456'), plan))
  t.match(route(queries[99] ?? from('', ''), plan), { rule: 'route to 990', action: 'dial' })
  t.comment(`1,000 rules: ${time.toFixed(2)} µs, none matches: ${denied.toFixed(2)} µs`)
  t.ok(time < 20, `${time} µs`)
  t.ok(denied < 20, `${denied} µs`)
})

t.test('as fast where they match the E.164 form of what was dialled, or both', async (t) => {
  const both = Array.from({ length: 1000 }, (_, i) =>
    rule(`${i}`, i % 2 ? `0${3000 + i}\\d{3,9}` : `\\+49${3000 + i}\\d{3,9}`, ['trunk:one']),
  )
  const plan = planOf({ routes: both })
  const forms = (i: number) => [`0${3000 + i * 10}123456`, `0049${3000 + i * 10}123456`, `49${3000 + i * 10}123456`]
  const queries = Array.from({ length: 100 }, (_, i) => from('101', forms(i)[i % 3] ?? ''))
  const time = median((i) => route(queries[i % 100] ?? from('', ''), plan))
  const matched = queries.filter((query) => route(query, plan).action === 'dial').length
  t.comment(`${time.toFixed(2)} µs, ${matched} of 100 go out`)
  t.ok(matched > 40)
  t.ok(time < 20, `${time} µs`)
})

t.test('under a millisecond whatever is dialled', async (t) => {
  const dear = Array.from({ length: 20 }, (_, i) => rule(`dear ${i}`, `(0|1)*1(0|1){${100 + i}}`, ['trunk:one']))
  const plan = planOf({ routes: [...dear, rule('turn', 'x', ['user:102', 'trunk:one', 'user:103'])] })
  const bits = (i: number, length: number) =>
    Array.from({ length }, (_, at) => ((i * 2654435761 + at * at * 40503) >> 7) & 1).join('')
  const kinds = {
    'never the same twice': Array.from({ length: 5000 }, (_, i) => bits(i, 120 + (i % 9))),
    ones: ['1'.repeat(128)],
    emoji: ['\u{1F600}'.repeat(64)],
    overlong: ['1'.repeat(100_000)],
  }
  for (const [kind, texts] of Object.entries(kinds)) {
    let next = 0
    const time = median(() => route(from('101', texts[next++ % texts.length] ?? ''), plan), 11, 50)
    t.comment(`${kind}: ${time.toFixed(1)} µs`)
    t.ok(time < 1000, `${time} µs`)
  }
  const attempt = route(from('101', 'x'), plan)
  const time = median(() => goOn(attempt, 'busy', from('101', 'x'), plan))
  t.comment(`goOn: ${time.toFixed(2)} µs`)
  t.ok(time < 20)
})

t.test('a change of one rule of a thousand compiles that one', async (t) => {
  planOf({ routes: thousand })
  const start = process.hrtime.bigint()
  planOf({ routes: [...thousand.slice(1), rule('new', 'x\\d+', ['user:101'])] })
  const time = Number(process.hrtime.bigint() - start) / 1e6
  t.comment(`again: ${time.toFixed(1)} ms`)
})
