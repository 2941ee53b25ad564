import t from 'tap'
import type { TcpConnection } from '../../../src/platform/network.ts'
import { Advertiser } from '../../../src/sip/transport/advertise.ts'
import { ConnectionFlow } from '../../../src/sip/transport/connection.ts'
import { pingWhileHeld } from '../../../src/sip/transport/crlfPings.ts'
import { TransportLayer } from '../../../src/sip/transport/layer.ts'
import { silentLog } from '../../support/silentLog.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { VirtualNetwork } from '../../support/virtual/network.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { requestBytes } from '../messages.ts'
import { TestConnection } from './testConnection.ts'

const US = { address: '10.0.0.1', port: 5060 }
const PROVIDER = { address: '10.0.0.30', port: 5061 }

/** A transport layer, and a provider that takes connections. */
async function scene() {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const host = network.host(US.address)
  const received: string[] = []
  const layer = new TransportLayer({
    ...{ clock, network: host, random: seededRandom(1), log: silentLog },
    advertiser: new Advertiser(host, null),
    admits: () => true,
    receive: (_message, flow) => received.push(flow.protocol),
  })
  await layer.listen([US.address], US.port)
  const accepted: TcpConnection[] = []
  await network.host(PROVIDER.address).listenTcp(PROVIDER, (connection) => accepted.push(connection))
  return { clock, network, layer, accepted, received }
}

t.test('over TLS: messages both ways, and the same connection again for the same name alone', async (t) => {
  const { clock, network, layer, accepted, received } = await scene()
  const wanted: string[] = []
  network.tlsProblem = (_to, name) => {
    wanted.push(name)
    return null
  }
  const flow = await layer.connect('tls', PROVIDER, null, 'a.example.com')
  t.match(flow, { protocol: 'tls', reliable: true, open: true, remote: PROVIDER })
  accepted[0]?.write(requestBytes('OPTIONS'))
  await clock.advance(10)
  t.strictSame(received, ['tls'])
  t.equal(await layer.connect('tls', PROVIDER, null, 'A.example.com'), flow)
  t.equal(layer.flowTo('tls', PROVIDER, null), flow)
  t.not(await layer.connect('tls', PROVIDER, null, 'b.example.com'), flow, 'it has not proven to be that')
  t.not(await layer.connect('tls', PROVIDER, null), flow)
  t.strictSame(wanted, ['a.example.com', 'b.example.com', PROVIDER.address])
  accepted[0]?.close()
  await clock.advance(10)
  t.equal(flow.open, false)
  t.not(await layer.connect('tls', PROVIDER, null, 'a.example.com'), flow)
})

t.test('who cannot prove its name is not talked to, and the error says why', async (t) => {
  const { network, layer, accepted } = await scene()
  network.tlsProblem = () => 'CERT_HAS_EXPIRED'
  await t.rejects(layer.connect('tls', PROVIDER, null, 'a.example.com'), { code: 'CERT_HAS_EXPIRED' })
  t.equal(accepted.length + layer.connections, 0)
  network.tlsProblem = () => null
  t.ok((await layer.connect('tls', PROVIDER, null, 'a.example.com')).open, 'the next one tries anew')
})

t.test('many who want a connection at once share one', async (t) => {
  for (const protocol of ['tcp', 'tls'] as const) {
    const { layer, accepted } = await scene()
    const flows = await Promise.all(Array.from({ length: 50 }, () => layer.connect(protocol, PROVIDER, null, 'a')))
    t.equal(new Set(flows).size, 1)
    t.equal(accepted.length, 1)
  }
})

function pinged() {
  const clock = new VirtualClock()
  const connection = new TestConnection()
  const flow = new ConnectionFlow('tls', connection, connection.local, clock, { message() {}, broken() {} })
  pingWhileHeld(flow, clock)
  const pings = (): number => connection.written.filter((each) => each === '\r\n\r\n').length
  return { clock, connection, flow, pings }
}

const PONG = Buffer.from('\r\n')

t.test('RFC 5626 §3.5.1: a connection is pinged while it is held, and closed when its peer falls silent', async (t) => {
  const { clock, connection, flow, pings } = pinged()
  await clock.advance(25_001)
  t.equal(pings(), 0)
  const release = flow.hold()
  await clock.advance(25_000)
  t.equal(pings(), 1)
  connection.comes(PONG)
  await clock.advance(25_000)
  t.strictSame([pings(), connection.closed], [2, false])
  await clock.advance(9_990)
  t.equal(connection.closed, false)
  await clock.advance(20)
  t.equal(connection.closed, true)
  connection.ends()
  release()
  t.equal(clock.timers, 0, 'no timer is left')
  const lost = pinged()
  lost.connection.ends()
  t.equal(lost.clock.timers, 0, 'nor of one that its peer has ended')
})

t.test('a peer that never answers a ping is not closed; one that sends something else meanwhile neither', async (t) => {
  const never = pinged()
  never.flow.hold()
  await never.clock.advance(600_000)
  t.strictSame([never.pings(), never.connection.closed], [24, false])
  const other = pinged()
  other.flow.hold()
  await other.clock.advance(25_001)
  other.connection.comes(PONG)
  await other.clock.advance(25_000)
  other.connection.comes(requestBytes('OPTIONS'))
  await other.clock.advance(20_000)
  t.equal(other.connection.closed, false)
})
