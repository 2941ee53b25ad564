import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { bindingRequest, mappedAddress } from '../../src/stun/binding.ts'
import { StunServer } from '../../src/stun/server.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { VirtualNetwork } from '../support/virtual/network.ts'
import { seededRandom } from '../support/virtual/random.ts'

const US = '10.0.0.1'
const PORT = 5061
const BROWSER = { address: '198.51.100.7', port: 40123 }

async function bench({ addresses = [US], port = PORT, admits = (_: string): boolean => true } = {}) {
  const clock = new VirtualClock()
  const network = new VirtualNetwork(clock)
  const host = network.host(...addresses)
  const warned: string[] = []
  const log = { ...silentLog, warn: (_: object, message: string) => warned.push(message) }
  const server = new StunServer({ clock, network: host, log, admits })
  const start = () => server.listen(addresses, port)
  /** A browser: what it got. */
  const browser = async (at: Endpoint = BROWSER) => {
    const got: Buffer[] = []
    const socket = await network.host(at.address).bindUdp(at, (bytes) => got.push(Buffer.from(bytes)))
    const asks = (bytes: Uint8Array, to = { address: US, port: PORT }) => socket.send(bytes, to)
    return { got, asks }
  }
  return { clock, network, host, server, warned, start, browser }
}

const random = seededRandom(5)
const request = () => bindingRequest(random.bytes(12))

t.test('a browser is told its address', async (t) => {
  const { clock, server, start, browser } = await bench()
  t.equal(await start(), PORT)
  const { got, asks } = await browser()
  const question = request()
  asks(question)
  await clock.advance(10)
  t.equal(mappedAddress(got[0] ?? Buffer.alloc(0), question), BROWSER.address)
  t.same(server.counters, { answered: 1, malformed: 0, ignored: 0 })
})

t.test('whatever is no Binding request is never answered', async (t) => {
  const { clock, server, start, browser } = await bench()
  await start()
  const { got, asks } = await browser()
  for (const text of ['', 'x', 'OPTIONS sip:h SIP/2.0\r\n\r\n', '\0'.repeat(20), '\0'.repeat(1500)])
    asks(Buffer.from(text))
  const allocate = Buffer.from(request())
  allocate[1] = 3
  asks(allocate)
  await clock.advance(10)
  t.equal(got.length, 0)
  t.same(server.counters, { answered: 0, malformed: 6, ignored: 0 })
})

t.test('fuzz: nothing throws, and no answer is larger than three times its question', async (t) => {
  const { clock, start, browser } = await bench()
  await start()
  const chance = seededRandom(77)
  let answered = 0
  for (let round = 0; round < 200; round++) {
    const { got, asks } = await browser({ address: `198.51.${100 + (round >> 7)}.${round & 127}`, port: 1000 + round })
    for (let i = 0; i < 25; i++) {
      const question = changed(withAttributes(request(), chance), chance)
      got.length = 0
      asks(question)
      await clock.advance(2)
      for (const answer of got) {
        answered++
        if (answer.length > 3 * question.length)
          t.fail(`${answer.length} octets for ${Buffer.from(question).toString('hex')}`)
      }
    }
  }
  t.ok(answered > 1000, `${answered} of 5000 were answered`)
})

/** A request with up to three attributes of any type. */
function withAttributes(bytes: Uint8Array, chance: ReturnType<typeof seededRandom>): Uint8Array {
  const attributes = Array.from({ length: chance.integer(4) }, () => {
    const content = chance.bytes(4 * chance.integer(4))
    return Buffer.concat([chance.bytes(2), Uint8Array.of(0, content.length), content])
  })
  const all = Buffer.concat([bytes, ...attributes])
  all.writeUInt16BE(all.length - 20, 2)
  return all
}

/** Half of them broken: an octet changed, cut off or added. */
function changed(bytes: Uint8Array, chance: ReturnType<typeof seededRandom>): Uint8Array {
  const copy = Buffer.from(bytes)
  switch (chance.integer(6)) {
    case 0:
      copy[chance.integer(copy.length)] = chance.integer(256)
      return copy
    case 1:
      return copy.subarray(0, chance.integer(copy.length))
    case 2:
      return Buffer.concat([copy, chance.bytes(1 + chance.integer(8))])
    default:
      return copy
  }
}

t.test('a source that asks too much is not answered for a while, and others are', async (t) => {
  const { clock, server, start, browser } = await bench()
  await start()
  const flood = await browser()
  const quiet = await browser({ address: '198.51.100.8', port: 40123 })
  for (let i = 0; i < 1000; i++) flood.asks(request())
  quiet.asks(request())
  await clock.advance(10)
  t.equal(flood.got.length, 200)
  t.equal(quiet.got.length, 1)
  t.equal(server.counters.ignored, 800)
  await clock.advance(1000)
  for (let i = 0; i < 1000; i++) flood.asks(request())
  await clock.advance(10)
  t.equal(flood.got.length, 250, 'fifty a second')
})

t.test('all addresses of an IPv6 subnet are one source', async (t) => {
  const { clock, start, browser } = await bench({ addresses: ['2001:db8::1'] })
  await start()
  const to = { address: '2001:db8::1', port: PORT }
  const two = [
    await browser({ address: '2001:db8:5::1', port: 1 }),
    await browser({ address: '2001:db8:5::2', port: 1 }),
  ]
  const other = await browser({ address: '2001:db8:6::1', port: 1 })
  for (let i = 0; i < 150; i++) for (const each of two) each.asks(request(), to)
  other.asks(request(), to)
  await clock.advance(10)
  t.equal(
    two.reduce((sum, { got }) => sum + got.length, 0),
    200,
  )
  t.equal(other.got.length, 1)
})

t.test('who is not heard is not answered', async (t) => {
  const { clock, start, browser } = await bench({ admits: (address) => address !== BROWSER.address })
  await start()
  const { got, asks } = await browser()
  asks(request())
  await clock.advance(10)
  t.equal(got.length, 0)
})

t.test('a port that is taken: another one, and the log says so', async (t) => {
  const { network, host, server, warned, start } = await bench()
  await host.bindUdp({ address: US, port: PORT }, () => {})
  const port = await start()
  t.ok(port !== null && port !== PORT)
  t.same(server.endpoints, [{ address: US, port }])
  t.same(warned, ['the port for STUN cannot be used; another was taken'])
  server.close()
  t.equal(network.sockets, 1)
})

t.test('addresses come and go', async (t) => {
  const { clock, network, server, start, browser } = await bench()
  await start()
  const { got, asks } = await browser()
  await server.follow([US, '10.7.0.1'])
  const question = request()
  asks(question, { address: '10.7.0.1', port: PORT })
  await clock.advance(10)
  t.equal(mappedAddress(got[0] ?? Buffer.alloc(0), question), BROWSER.address)
  await server.follow(['10.7.0.1'])
  t.same(server.endpoints, [{ address: '10.7.0.1', port: PORT }])
  asks(request())
  await clock.advance(10)
  t.equal(got.length, 1)
  server.close()
  await server.follow([US])
  t.equal(network.sockets, 1, 'the browser’s')
})
