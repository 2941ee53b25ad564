import t from 'tap'
import { UserAgent } from '../../../src/sip/dialog/userAgent.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import type { Binding } from '../../../src/sip/registrar/bindingStore.ts'
import { Keepalive } from '../../../src/sip/registrar/keepalive.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { reply } from '../messages.ts'
import { TestFlow } from '../testFlow.ts'
import { binding } from './phone.ts'

/** A phone behind NAT: it says 192.168.1.2 and comes from elsewhere. */
const natted = (how: Partial<Binding> = {}) =>
  binding({
    contact: 'sip:101@192.168.1.2:5060;line=7',
    key: 'the phone',
    source: { address: '198.51.100.7', port: 40001 },
    domain: 'pbx.example',
    ...how,
  })

function bench() {
  const clock = new VirtualClock()
  const flow = new TestFlow(clock, 'udp', { address: '198.51.100.7', port: 40001 })
  const agent = new UserAgent({
    clock,
    random: seededRandom(1),
    outside: () => t.fail('nothing comes'),
    refuseOffer: () => null,
    ways: {
      reopen: () => Promise.reject(new Error('no way')),
      answer: () => Promise.reject(new Error('no way')),
      stream: () => null,
    },
  })
  let reachable = true
  /** The OPTIONS that were sent since the last look; each is answered. */
  const answered = (status = 200): SipRequest[] => {
    const pings = flow.take().flatMap(({ message }) => (message.kind === 'request' ? [message] : []))
    for (const ping of pings) agent.receive(reply(ping, status), flow)
    return pings
  }
  const keepalive = new Keepalive(clock, agent, () => (reachable ? flow : null))
  return {
    ...{ clock, flow, agent, keepalive },
    cut() {
      reachable = false
    },
    answered,
    /** Lets `span` ms pass, the phone answering within 100; gives what it was asked. */
    async during(span: number): Promise<SipRequest[]> {
      const pings: SipRequest[] = []
      for (let passed = 0; passed < span; passed += 100) {
        await clock.advance(100)
        pings.push(...answered())
      }
      return pings
    },
  }
}

t.test('a phone that is not where it says it is gets OPTIONS every 25 s, the first within 25', async (t) => {
  const { clock, flow, keepalive, during } = bench()
  keepalive.watch('101', [natted()])
  t.equal((await during(150_000)).length, 6)
  const times = flow.all.map(({ at }) => at)
  const [first = Number.NaN] = times
  t.ok(first <= 25_000)
  t.strictSame(
    times,
    times.map((_, i) => first + i * 25_000),
  )
  keepalive.close()
  await clock.advance(5_000)
  t.equal(clock.timers, 0)
})

t.test('RFC 3261 §11.1: the OPTIONS is for its Contact as registered, from the domain it knows', async (t) => {
  const { clock, keepalive, answered } = bench()
  keepalive.watch('101', [natted()])
  await clock.advance(25_000)
  const [ping] = answered()
  t.equal(ping?.method, 'OPTIONS')
  t.equal(ping?.uri.text, 'sip:101@192.168.1.2:5060;line=7')
  t.equal(ping?.to.text, '<sip:101@192.168.1.2:5060;line=7>')
  t.match(ping?.from.text, /^<sip:pbx.example>;tag=[0-9a-f]{16}$/)
  t.equal(ping?.maxForwards, 70)
  t.equal(ping?.headers.first('contact'), '<sip:10.0.0.1:5060>')
})

t.test('a domain that is an IPv6 address stands in brackets', async (t) => {
  const { clock, keepalive, answered } = bench()
  keepalive.watch('101', [natted({ domain: '2001:db8::1' })])
  await clock.advance(25_000)
  t.match(answered()[0]?.from.text, /^<sip:\[2001:db8::1\]>;tag=/)
})

t.test('a phone that is where it says it is needs none', async (t) => {
  const here = [
    binding({ contact: 'sip:101@10.0.0.20:5060', source: { address: '10.0.0.20', port: 5060 } }),
    binding({ contact: 'sip:101@10.0.0.20', source: { address: '10.0.0.20', port: 5060 } }),
    binding({ contact: 'sip:101@[2001:DB8:0::1]:5070', source: { address: '2001:db8::1', port: 5070 } }),
    binding({ contact: 'sip:101@[::ffff:10.0.0.20]', source: { address: '10.0.0.20', port: 5060 } }),
  ]
  const elsewhere = [
    binding({ contact: 'sip:101@10.0.0.20:5062', source: { address: '10.0.0.20', port: 5060 } }),
    binding({ contact: 'sip:101@phone.local:5060', source: { address: '10.0.0.20', port: 5060 } }),
    binding({ contact: 'sip:101@10.0.0.20', source: { address: '10.0.0.20', port: 5061 } }),
  ]
  for (const [bindings, timers] of [
    [here, 0],
    [elsewhere, 1],
  ] as const) {
    for (const binding of bindings) {
      const { clock, keepalive } = bench()
      keepalive.watch('101', [binding])
      t.equal(clock.timers, timers, `${binding.contact} from ${binding.source.address}:${binding.source.port}`)
    }
  }
})

t.test('any answer counts, and gives the round trip', async (t) => {
  for (const status of [200, 404, 503]) {
    const { clock, flow, keepalive, answered } = bench()
    const phone = natted()
    keepalive.watch('101', [phone])
    t.equal(keepalive.roundTrip(phone), null)
    await clock.advanceUntil(() => flow.all.length > 0, 25_000)
    await clock.advance(40)
    answered(status)
    t.equal(keepalive.roundTrip(phone), 40, String(status))
  }
})

t.test('no answer: the round trip is unknown again', async (t) => {
  const { clock, flow, keepalive, answered } = bench()
  const phone = natted()
  keepalive.watch('101', [phone])
  await clock.advanceUntil(() => flow.all.length > 0, 25_000)
  answered()
  t.equal(keepalive.roundTrip(phone), 0)
  await clock.advance(25_000 + 32_000)
  t.equal(keepalive.roundTrip(phone), null)
})

t.test('it ends with the binding', async (t) => {
  const { clock, agent, flow, keepalive, during } = bench()
  const one = natted()
  const two = natted({ key: 'another' })
  keepalive.watch('101', [one, two])
  keepalive.watch('102', [natted({ user: '102' })])
  t.equal(clock.timers, 3)
  keepalive.watch('101', [two])
  t.equal(clock.timers, 2)
  t.equal(keepalive.roundTrip(one), null)
  keepalive.watch('101', [])
  keepalive.watch('103', [])
  t.equal(clock.timers, 1)
  t.equal((await during(25_000)).length, 1)
  keepalive.close()
  await clock.advance(60_000)
  t.strictSame(flow.told(), [])
  t.equal(clock.timers, 0)
  t.equal(agent.transactions, 0)
})

t.test('a refresh neither restarts nor doubles it, and it follows the phone', async (t) => {
  const { keepalive, during } = bench()
  keepalive.watch('101', [natted()])
  await during(25_000)
  const pings: SipRequest[] = []
  for (let i = 0; i < 10; i++) {
    keepalive.watch('101', [natted({ contact: 'sip:101@192.168.1.3' })])
    pings.push(...(await during(2_500)))
  }
  t.strictSame(
    pings.map(({ uri }) => uri.text),
    ['sip:101@192.168.1.3'],
  )
})

t.test('a phone without a way to it is left alone until there is one', async (t) => {
  const { clock, flow, keepalive, cut } = bench()
  cut()
  keepalive.watch('101', [natted()])
  await clock.advance(100_000)
  t.strictSame(flow.told(), [])
  t.equal(clock.timers, 1)
})
