import t from 'tap'
import { request } from '../messages.ts'
import { DialogBench } from './bench.ts'

t.test('RFC 3261 §12.2.2: a request without a To tag is outside a dialog', async (t) => {
  const bench = new DialogBench()
  for (const method of ['INVITE', 'REGISTER', 'BYE', 'FOO']) bench.comes(request(method))
  t.strictSame(
    bench.outside.map(({ request }) => request.method),
    ['INVITE', 'REGISTER', 'BYE', 'FOO'],
  )
})

t.test('RFC 3261 §12.2.2: one with a To tag that belongs to no dialog is 481, an ACK dropped', async (t) => {
  const bench = new DialogBench()
  for (const method of ['INVITE', 'BYE', 'OPTIONS', 'ACK']) {
    bench.comes(request(method, { headers: { To: '<sip:102@10.0.0.1>;tag=stale' } }))
  }
  t.strictSame(bench.flow.told(), ['481 INVITE', '481 BYE', '481 OPTIONS'])
  t.equal(bench.outside.length, 0)
})

t.test('the three that identify a dialog all count', async (t) => {
  const bench = new DialogBench()
  const call = bench.incoming()
  call.sends('ACK')
  bench.hears()
  for (const [name, value] of [
    ['Call-ID', 'another'],
    ['From', '<sip:101@10.0.0.1>;tag=another'],
    ['To', '<sip:102@10.0.0.1>;tag=another'],
  ] as const) {
    call.sends('BYE', { headers: { [name]: value } })
    t.strictSame(bench.flow.told(), ['481 BYE'], name)
  }
  t.equal(call.session.over, false)
})

t.test('closing forgets everything', async (t) => {
  const bench = new DialogBench()
  bench.outgoing()
  bench.invites()
  bench.agent.close()
  t.equal(bench.agent.dialogs, 0)
  t.equal(bench.agent.transactions, 0)
  t.equal(bench.clock.timers, 0)
})
