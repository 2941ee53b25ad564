import t, { type Test } from 'tap'
import { writeCheck } from '../../src/webrtc/ice/stunMessage.ts'
import { helloOf } from '../support/virtual/handshakes.ts'
import { type Net, net } from './iceEnd.ts'
import { SecureEnd, secured, secureStrangers } from './secureEnd.ts'

const SERVER = { address: '10.0.0.1', port: 7000 }
const BROWSER = { address: '10.0.0.2', port: 7000 }
const STRANGER = { address: '198.51.100.66', port: 6666 }

let words = 0

async function talk(t: Test, { clock }: Net, a: SecureEnd, b: SecureEnd): Promise<void> {
  const word = `word ${++words}`
  a.says(word)
  b.says(word)
  await clock.advance(10)
  t.equal(b.heard.at(-1), word)
  t.equal(a.heard.at(-1), word)
}

t.test('ICE, then a handshake, then RTP and RTCP, of which nobody sees anything', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  const wire: string[] = []
  place.network.onPacket = (_, __, bytes) => wire.push(bytes.toString())
  await talk(t, place, server, browser)
  server.reports()
  await place.clock.advance(10)
  t.equal(browser.heard.at(-1), 'rtcp')
  t.notOk(
    wire.some((text) => text.includes('word')),
    'all is encrypted',
  )
  t.same(server.transport.target, BROWSER)
  t.same(server.transport.hear(BROWSER), 'learnt')
  t.same(server.transport.source, BROWSER)
  t.same(server.transport.hear({ ...BROWSER }), 'known')
  t.same([server.failures, server.refused], [[], []])
})

t.test('the client’s hello comes before we have asked the peer: it is kept', async (t) => {
  const place = net()
  const { server, browser } = await secureStrangers(place)
  // The browser calls us, and is the client: it is connected as soon as we have answered its check.
  browser.transport.agree(browser.peer(server, { role: 'client' }))
  await place.clock.advance(100)
  server.transport.agree(server.peer(browser, { role: 'server' }))
  await place.clock.advance(100)
  t.equal(server.handshakes.begun.length, 1)
  t.ok(place.clock.now() < 500, 'before it is said again')
  await talk(t, place, server, browser)
})

t.test(
  'a hello before there is any way is kept, from whom ICE knows; a hostile one before it is dropped',
  async (t) => {
    const place = net()
    const { server, browser } = await secureStrangers(place)
    // Nobody answers our checks yet, so there is no way.
    place.network.unreachable.add(BROWSER.address)
    server.transport.agree(server.peer(browser, { role: 'server' }))
    place.network.forge(STRANGER, SERVER, helloOf('stranger'))
    place.network.forge(BROWSER, SERVER, helloOf('stranger'))
    await place.clock.advance(10)
    t.same(server.refused, ['source', 'source'], 'not even from where the browser says that it is')
    const { ufrag, password } = server.local
    const check = { transaction: 'ab'.repeat(12), username: `${ufrag}:x`, password, priority: 1, tieBreaker: 1n }
    browser.socket.send(writeCheck({ ...check, role: 'controlling', useCandidate: true }), SERVER)
    browser.socket.send(helloOf('browser'), SERVER)
    await place.clock.advance(10)
    t.equal(server.handshakes.begun.length, 0)
    place.network.unreachable.clear()
    browser.transport.agree(browser.peer(server, { role: 'client' }))
    await place.clock.advance(100)
    t.equal(server.handshakes.begun.length, 1)
    await place.clock.advance(1000)
    await talk(t, place, server, browser)
  },
)

t.test('a stranger’s DTLS, SRTP and garbage are dropped at any time, and disturb nothing', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  const junk = [helloOf('stranger'), Buffer.from([21]), Buffer.alloc(40, 0x80), Buffer.alloc(0), Buffer.alloc(9, 0xff)]
  for (const bytes of junk) place.network.forge(STRANGER, SERVER, bytes)
  await place.clock.advance(5000)
  t.same(
    server.refused,
    junk.map(() => 'source'),
  )
  await talk(t, place, server, browser)
  t.same(server.failures, [])
})

t.test('RTP that comes before the keys is dropped without a word; we send none', async (t) => {
  const place = net()
  const { server, browser } = await secureStrangers(place)
  // The browser is server of DTLS, too: nobody says hello.
  server.transport.agree(server.peer(browser, { role: 'server' }))
  browser.transport.agree(browser.peer(server, { role: 'server' }))
  await place.clock.advance(500)
  place.network.forge(BROWSER, SERVER, Buffer.alloc(172, 0x80))
  let sent = 0
  place.network.onPacket = () => sent++
  server.says('in the clear?')
  await place.clock.advance(10)
  t.same([server.heard, server.refused, sent], [[], [], 0])
  t.equal(server.transport.target, null)
  await place.clock.advance(20_000)
  t.same(server.failures, ['the media could not be secured in time'])
})

t.test('forged SRTP is counted, and ends nothing', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  let packet: Buffer | null = null
  place.network.onPacket = (from, _, bytes) => {
    if (from.address === BROWSER.address && (bytes[0] ?? 0) >= 128) packet = Buffer.from(bytes)
  }
  await talk(t, place, server, browser)
  if (packet === null) throw new Error('nothing was sent')
  const real: Buffer = packet
  for (let at = 0; at < real.length; at++) {
    const changed = Buffer.from(real)
    changed.writeUInt8(changed.readUInt8(at) ^ 0x41, at)
    place.network.forge(BROWSER, SERVER, changed)
  }
  place.network.forge(BROWSER, SERVER, real)
  place.network.forge(BROWSER, SERVER, Buffer.from([0x80, 200, 0, 1]))
  await place.clock.advance(10)
  const heard = server.heard.length
  t.ok(server.refused.length >= real.length - 3)
  t.ok(server.refused.every((why) => why === 'forged' || why === 'malformed'))
  await talk(t, place, server, browser)
  t.equal(server.heard.length, heard + 1, 'none of them was taken')
  t.same(server.failures, [])
})

t.test('another certificate than the one named: it fails, and says why', async (t) => {
  const place = net()
  const { server, browser } = await secureStrangers(place)
  browser.certificate = 'somebody else'
  server.transport.agree(server.peer(browser))
  browser.transport.agree(browser.peer(server))
  await place.clock.advance(500)
  t.same(server.failures, ['the media could not be secured: its certificate is not the one that its SDP names'])
})

t.test('no way in 20 s: it fails, and says what may be the cause', async (t) => {
  const place = net()
  const { server, browser } = await secureStrangers(place)
  place.network.unreachable.add(BROWSER.address)
  server.transport.agree(server.peer(browser))
  await place.clock.advance(19_900)
  t.same(server.failures, [])
  // Asking again gives no more time.
  server.transport.agree(server.peer(browser))
  await place.clock.advance(200)
  t.equal(server.failures.length, 1)
  t.match(server.failures[0], /^no way was found between the phone and the media ports of this server; a firewall/)
})

t.test('a goodbye is the end, unless the call ends first', async (t) => {
  for (const ends of [true, false]) {
    const place = net()
    const { server, browser } = await secured(place)
    browser.handshakes.sayGoodbye()
    await place.clock.advance(1500)
    t.same(server.failures, [])
    if (ends) server.transport.close()
    await place.clock.advance(5000)
    t.same(server.failures, ends ? [] : ['the phone has closed its media'])
    if (ends) t.notOk(server.socket.open)
  }
})

t.test('the same descriptions again change nothing', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  let sent = 0
  place.network.onPacket = () => sent++
  for (let offer = 0; offer < 3; offer++) {
    server.transport.agree(server.peer(browser))
    browser.transport.agree(browser.peer(server))
  }
  await place.clock.advance(1000)
  t.equal(sent, 0)
  t.equal(server.handshakes.begun.length, 1)
  await talk(t, place, server, browser)
  await place.clock.advance(60_000)
  t.same(server.failures, [], 'nor is the time to connect measured again')
})

t.test('another certificate is another handshake; till it is done the old keys hold', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  await talk(t, place, server, browser)
  // Another page takes the call over, at the same place with a certificate of its own.
  browser.transport.close()
  await place.clock.advance(100)
  t.same(server.failures, [])
  const moved = await SecureEnd.on(place, { name: 'successor', address: BROWSER.address, role: 'controlling' })
  server.transport.agree(server.peer(moved))
  moved.transport.agree(moved.peer(server))
  await place.clock.advance(2000)
  t.equal(server.handshakes.begun.length, 2)
  await talk(t, place, server, moved)
  await place.clock.advance(5000)
  t.same(server.failures, [], 'the first one’s goodbye is forgotten')
})

t.test('a restart keeps the keys', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  await talk(t, place, server, browser)
  for (const end of [server, browser]) end.restarts()
  server.transport.agree(server.peer(browser))
  await talk(t, place, server, browser)
  browser.transport.agree(browser.peer(server))
  await place.clock.advance(500)
  await talk(t, place, server, browser)
  t.equal(server.handshakes.begun.length, 1)
})

t.test('who asks from elsewhere has to answer there before anything is sent to it', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  await talk(t, place, server, browser)
  const roamed = await place.network.host('10.0.7.7').bindUdp({ address: '10.0.7.7', port: 1 }, () => {})
  const { ufrag, password } = server.local
  const check = { transaction: 'cd'.repeat(12), username: `${ufrag}:x`, password, priority: 1, tieBreaker: 1n }
  roamed.send(writeCheck({ ...check, role: 'controlling', useCandidate: true }), SERVER)
  await place.clock.advance(10)
  t.same(server.transport.target, BROWSER)
})

t.test('after the end nothing is sent, taken or told; the socket and all timers are given back', async (t) => {
  const place = net()
  const { server, browser } = await secured(place)
  server.transport.close()
  server.transport.close()
  await place.clock.advance(10)
  t.notOk(server.socket.open)
  server.says('hello?')
  server.transport.agree(server.peer(browser))
  server.transport.take(server.socket, helloOf('browser'), BROWSER)
  await place.clock.advance(60_000)
  t.same(server.failures, [])
  t.same(browser.failures, ['the phone has closed its media'], 'we have said goodbye')
  browser.transport.close()
  t.equal(place.clock.timers, 0)
})
