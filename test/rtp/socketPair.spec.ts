import t from 'tap'
import type { Network } from '../../src/platform/network.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import { bindPair } from '../../src/rtp/ports/socketPair.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'

const ignore = () => {}

function scene(low: number, high: number) {
  const clock = new VirtualClock()
  const net = new VirtualNetwork(clock)
  const network = net.host('10.0.0.1')
  return { clock, net, network, ports: PortPool.create(low, high) }
}

t.test('a pair is two sockets on adjacent ports', async (t) => {
  const { net, ...from } = scene(10000, 10001)
  const pair = await bindPair(from, '10.0.0.1', ignore, ignore)
  t.same([pair?.rtp.local.port, pair?.rtcp.local.port], [10000, 10001])
  t.equal(await bindPair(from, '10.0.0.1', ignore, ignore), null, 'none left')
  t.equal(net.sockets, 2)
})

t.test('a pair of which another process has either port is passed over', async (t) => {
  for (const occupied of [10000, 10001]) {
    const { net, ...from } = scene(10000, 10003)
    await from.network.bindUdp({ address: '10.0.0.1', port: occupied }, ignore)
    const pair = await bindPair(from, '10.0.0.1', ignore, ignore)
    t.equal(pair?.rtp.local.port, 10002)
    t.equal(net.sockets, 3, 'its other port is not left open')
  }
})

t.test('where others have everything, it gives up', async (t) => {
  const { net, ...from } = scene(10000, 10999)
  for (let port = 10000; port < 11000; port += 2) await from.network.bindUdp({ address: '10.0.0.1', port }, ignore)
  t.equal(await bindPair(from, '10.0.0.1', ignore, ignore), null)
  t.equal(net.sockets, 500)
})

t.test('an address that the system refuses is an error, and leaves nothing behind', async (t) => {
  const { net, ...from } = scene(10000, 10001)
  const refusing: Network = {
    ...from.network,
    bindUdp: async (at, run) => {
      if (at.port % 2 === 1) throw Object.assign(new Error('bind EADDRNOTAVAIL'), { code: 'EADDRNOTAVAIL' })
      return from.network.bindUdp(at, run)
    },
  }
  await t.rejects(bindPair({ ...from, network: refusing }, '192.0.2.1', ignore, ignore), { code: 'EADDRNOTAVAIL' })
  t.equal(net.sockets, 0)
  t.notOk(from.ports.owns(10000))
})
