import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import { within } from '../support/deadline.ts'
import { corpus, flipped, SEED } from './octets.ts'
import type { Scene } from './scene.ts'
import { probe } from './seen.ts'
import { frame, handshake, type RawWebSocket, rawTls, rawWebSocket, silentTcp } from './webSocketPeer.ts'

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const PING = 9

const FLIPS = 500
/** A message has 10 s, and the server looks at heads that do not come every 2 s. */
const PATIENCE = 15_000
const DRIP_EVERY = 250
/** Of 500 pings each: far more than what two systems' buffers hold. */
const MOST_FLOODS = 1_000
/** Octets. */
const MOST_GROWTH = 32 << 20

/** What nobody's browser says. */
export async function webSockets(t: Test, scene: Scene): Promise<void> {
  const port = scene.server.https
  await t.test('handshakes that are refused, each with its reason', (t) => refusals(t, port))
  await t.test('frames that break the rules end the connection', (t) => broken(t, port))
  await t.test('what is never finished is cut off, be it octet by octet', (t) => unfinished(t, port))
  await t.test('pings without end to somebody who takes no pong', (t) => pingFlood(t, scene))
  await t.test(`${FLIPS} messages with one octet changed, seed ${SEED}`, (t) => changed(t, scene))
}

async function refusals(t: Test, port: number): Promise<void> {
  const cases: readonly (readonly [string, number, string])[] = [
    ['no subprotocol', 400, handshake(port, { 'Sec-WebSocket-Protocol': null })],
    ['another subprotocol', 400, handshake(port, { 'Sec-WebSocket-Protocol': 'xmpp' })],
    ['a page of somebody else', 403, handshake(port, { Origin: 'https://evil.example' })],
    ['a page of no origin', 403, handshake(port, { Origin: 'null' })],
    ['another path', 404, handshake(port, {}, '/')],
    ['an old version', 400, handshake(port, { 'Sec-WebSocket-Version': '7' })],
    ['no key', 400, handshake(port, { 'Sec-WebSocket-Key': null })],
    ['more head than 16 KiB', 0, handshake(port, { 'X-Long': 'x'.repeat(20_000) })],
    ['no HTTP at all', 0, 'OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TLS a\r\n\r\n'],
  ]
  for (const [what, status, octets] of cases) {
    const raw = await rawTls(port)
    raw.socket.write(octets)
    await raw.closed(5_000)
    t.equal(Number(/^HTTP\/1\.1 (\d+)/.exec(raw.heard())?.[1] ?? 0), status, what)
  }
  const allowed = await rawTls(port)
  allowed.socket.write(handshake(port, { Origin: `https://127.0.0.1:${port}` }))
  await within(5_000, 'the handshake', once(allowed.socket, 'data'))
  t.match(allowed.heard(), /^HTTP\/1\.1 101 [\s\S]*Sec-WebSocket-Protocol: sip\r\n/, 'a page of our own')
  t.notMatch(allowed.heard(), /Sec-WebSocket-Extensions/, 'nothing is compressed')
  allowed.socket.destroy()
}

async function broken(t: Test, port: number): Promise<void> {
  const full = Buffer.alloc(40_000, 'x')
  const cases: readonly (readonly [string, number, readonly Buffer[]])[] = [
    ['a frame of more than 64 KiB', 1009, [frame(TEXT, Buffer.alloc(0), { claims: 65_537 })]],
    ['one beyond all numbers', 1009, [frame(TEXT, Buffer.alloc(0), { claims: 2 ** 52 })]],
    ['fragments of more in all', 1009, [frame(TEXT, full, { final: false }), frame(CONTINUATION, full)]],
    ['text that is not UTF-8', 1007, [frame(TEXT, Buffer.of(0xc3, 0x28))]],
    ['a frame without a mask', 1002, [frame(TEXT, Buffer.from('x'), { masked: false })]],
    ['a reserved bit', 1002, [frame(TEXT, Buffer.from('x'), { reserved: 0x40 })]],
    ['an unknown kind of frame', 1002, [frame(5, Buffer.from('x'))]],
    ['a fragment of nothing', 1002, [frame(CONTINUATION, Buffer.from('x'))]],
    ['a long ping', 1002, [frame(PING, Buffer.alloc(126))]],
  ]
  for (const [what, code, frames] of cases) {
    const raw = await rawWebSocket(port)
    for (const octets of frames) raw.socket.write(octets)
    t.equal(await raw.closed(5_000), code, what)
  }
}

async function unfinished(t: Test, port: number): Promise<void> {
  const cases: readonly (readonly [string, () => Promise<void>])[] = [
    [
      'a frame',
      () =>
        drips(
          port,
          (raw) => raw.write(frame(TEXT, Buffer.of(), { claims: 60_000 })),
          () => Buffer.from('x'),
        ),
    ],
    [
      'the head of a frame',
      () =>
        drips(
          port,
          (raw) => raw.write(Buffer.of(0x81, 0xfe)),
          () => null,
        ),
    ],
    [
      'a message of fragments, with pings between',
      () => drips(port, (raw) => raw.write(frame(TEXT, Buffer.from('x'), { final: false })), pingAndFragment()),
    ],
    ['the head of a request', () => requestHead(port)],
    ['TLS', () => silentTcp(port, PATIENCE)],
  ]
  await Promise.all(
    cases.map(async ([what, run]) => {
      await t.resolves(run(), what)
    }),
  )
}

function pingAndFragment(): () => Buffer {
  let count = 0
  return () => (count++ % 2 === 0 ? frame(PING, Buffer.of()) : frame(CONTINUATION, Buffer.from('x'), { final: false }))
}

async function drips(
  port: number,
  begin: (socket: RawWebSocket['socket']) => void,
  next: () => Buffer | null,
): Promise<void> {
  const raw = await rawWebSocket(port)
  begin(raw.socket)
  await dripping(raw, next)
}

async function requestHead(port: number): Promise<void> {
  const raw = await rawTls(port)
  raw.socket.write('GET / HTTP/1.1\r\n')
  await dripping(raw, () => Buffer.from('X: x\r\n'))
}

async function dripping(raw: RawWebSocket, next: () => Buffer | null): Promise<void> {
  const timer = setInterval(() => {
    const octets = next()
    if (octets && !raw.socket.destroyed) raw.socket.write(octets)
  }, DRIP_EVERY)
  await raw.closed(PATIENCE).finally(() => clearInterval(timer))
}

// The pongs that it owes wait in the server's memory, up to a limit.
async function pingFlood(t: Test, scene: Scene): Promise<void> {
  const raw = await rawWebSocket(scene.server.https)
  const before = (await scene.status()).memory?.rss ?? 0
  const over = raw.closed(PATIENCE)
  raw.socket.pause()
  const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(PING, Buffer.alloc(125))))
  for (let sent = 0; sent < MOST_FLOODS && !raw.socket.destroyed; sent++) {
    raw.socket.write(pings)
    await turn()
  }
  await over
  const grown = ((await scene.status()).memory?.rss ?? 0) - before
  t.ok(grown < MOST_GROWTH, `memory grew by ${(grown / 2 ** 20).toFixed(1)} MiB`)
}

async function changed(t: Test, scene: Scene): Promise<void> {
  const before = await scene.status()
  let raw = await rawWebSocket(scene.server.https)
  for (const bytes of flipped(corpus, FLIPS)) {
    if (raw.socket.destroyed) raw = await rawWebSocket(scene.server.https)
    raw.socket.write(frame(BINARY, bytes))
  }
  const { bytes, callId } = probe('WSS', '127.0.0.1')
  raw.socket.write(frame(TEXT, bytes))
  await within(10_000, 'an answer', answered(raw, callId))
  raw.socket.destroy()
  const after = await scene.status()
  t.equal(after.dropped?.failed, before.dropped?.failed, 'no message ran into an error of ours')
  t.ok((after.dropped?.malformed ?? 0) > (before.dropped?.malformed ?? 0), 'and many were refused')
}

async function answered(raw: RawWebSocket, callId: string): Promise<void> {
  while (!raw.heard().includes(callId)) await once(raw.socket, 'data')
}
