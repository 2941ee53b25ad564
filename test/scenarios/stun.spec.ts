import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { bindingRequest, mappedAddress } from '../../src/stun/binding.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { SERVER, type World, world } from '../support/virtual/world.ts'

const NEW = '10.7.0.1'
const random = seededRandom(3)

/** A browser: what our STUN server at `to` says its address is; null: no answer. */
async function browser({ network, clock }: World, at: Endpoint) {
  const got: Uint8Array[] = []
  const socket = await network.host(at.address).bindUdp(at, (bytes) => got.push(bytes))
  return async (to: Endpoint): Promise<string | null> => {
    const request = bindingRequest(random.bytes(12))
    got.length = 0
    socket.send(request, to)
    await clock.advance(100)
    return got[0] ? mappedAddress(got[0], request) : null
  }
}

t.test('a browser is told its address on the port beside SIP’s', async (t) => {
  const all = await world(t)
  const asks = await browser(all, { address: '198.51.100.7', port: 50_000 })
  t.equal(await asks({ address: SERVER, port: 5061 }), '198.51.100.7')
  t.equal(await asks({ address: SERVER, port: 5060 }), '198.51.100.7', 'and on SIP’s, as phones are')
})

t.test('the port of the settings goes before', async (t) => {
  const all = await world(t, { options: { stunPort: 3478 } })
  const asks = await browser(all, { address: '198.51.100.7', port: 50_000 })
  t.equal(await asks({ address: SERVER, port: 3478 }), '198.51.100.7')
  t.equal(await asks({ address: SERVER, port: 5061 }), null)
})

t.test('it is answered at the addresses that there are', async (t) => {
  const all = await world(t)
  const asks = await browser(all, { address: '10.7.0.20', port: 50_000 })
  all.host.addresses.push(NEW)
  await all.clock.advance(6_000)
  t.equal(await asks({ address: NEW, port: 5061 }), '10.7.0.20')
  all.host.addresses.pop()
  await all.clock.advance(6_000)
  t.equal(await asks({ address: NEW, port: 5061 }), null)
  t.equal(await asks({ address: SERVER, port: 5061 }), '10.7.0.20')
})

t.test('who guesses passwords gets no answer here either', async (t) => {
  const all = await world(t)
  const asks = await browser(all, { address: '198.51.100.7', port: 50_000 })
  for (let i = 0; i < 10; i++) all.pbx.penalties.failed('198.51.100.7')
  t.equal(await asks({ address: SERVER, port: 5061 }), null)
})

t.test('it ends with the server', async (t) => {
  const all = await world(t)
  const asks = await browser(all, { address: '198.51.100.7', port: 50_000 })
  all.pbx.close()
  t.equal(await asks({ address: SERVER, port: 5061 }), null)
  t.equal(all.network.sockets, 1, 'the browser’s is the only socket left')
})
