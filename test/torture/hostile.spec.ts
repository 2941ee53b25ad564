import { setImmediate as turn } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { bindingRequest } from '../../src/stun/binding.ts'
import { within } from '../support/deadline.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { corpus, flipped, SEED } from './octets.ts'
import { connected, tcpPeer, udpPeer } from './peers.ts'
import type { Scene } from './scene.ts'
import type { Seen } from './seen.ts'

const FLIPS = 5_000
const STREAMS = 600
const STUN_MESSAGES = 1_000

/** What fits a socket's buffer for sure; the server is heard before more is sent. */
const BATCH_OCTETS = 24_000
const BATCH_DATAGRAMS = 40

/** What nobody sends by mistake. */
export async function hostile(t: Test, scene: Scene): Promise<void> {
  await t.test('every message cut short at every octet, over UDP', async (t) => {
    const prefixes = corpus.flatMap((bytes) => Array.from(bytes, (_, end) => bytes.subarray(0, end)))
    await survives(t, scene, prefixes)
  })
  await t.test(`${FLIPS} messages with one octet changed, over UDP, seed ${SEED}`, async (t) => {
    await survives(t, scene, flipped(corpus, FLIPS))
  })
  await t.test(`${STUN_MESSAGES} STUN requests with one octet changed, seed ${SEED}`, async (t) => {
    await survives(t, scene, flipped([Buffer.from(bindingRequest(seededRandom(SEED).bytes(12)))], STUN_MESSAGES))
  })
  await t.test(`${STREAMS} connections that end in the middle of a changed message, seed ${SEED}`, async (t) => {
    await endStreams(scene, flipped(corpus, STREAMS))
    await answers(t, scene)
  })
  await t.test('more than the limits allow, over UDP', (t) => overLimitsUdp(t, scene))
  await t.test('more than the limits allow, over TCP', (t) => overLimitsTcp(t, scene))
}

/** All of these get at most one answer each, none of them a confession of ours, and none costs much. */
async function survives(t: Test, scene: Scene, datagrams: readonly Uint8Array[]): Promise<void> {
  const before = await scene.status()
  const peer = await udpPeer(scene.v4)
  const statuses = new Map<number | null, number>()
  let octets = 0
  let waiting = 0
  for (const [index, bytes] of datagrams.entries()) {
    octets += bytes.length
    waiting++
    const full = octets > BATCH_OCTETS || waiting === BATCH_DATAGRAMS || index === datagrams.length - 1
    if (!full) peer.send(bytes)
    else for (const { status } of await peer.exchange(bytes)) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (full) octets = waiting = 0
  }
  peer.close()
  const after = await scene.status()
  const answered = [...statuses.values()].reduce((sum, count) => sum + count, 0)
  t.ok(answered <= datagrams.length, `${answered} answers to ${datagrams.length} datagrams`)
  t.notOk(statuses.has(500), 'no error of ours')
  t.equal(after.dropped?.failed, before.dropped?.failed, 'nor one in the log')
  const spent = (1000 * (cpuOf(after) - cpuOf(before))) / datagrams.length
  t.ok(spent < 1, `${spent.toFixed(3)} ms of CPU each`)
}

function cpuOf({ cpu }: Awaited<ReturnType<Scene['status']>>): number {
  return cpu === null ? Number.NaN : cpu.user + cpu.system
}

async function endStreams({ v4 }: Scene, messages: readonly Buffer[]): Promise<void> {
  const random = seededRandom(SEED)
  for (const bytes of messages) {
    const socket = await connected(v4)
    const closed = new Promise<void>((resolve) => void socket.resume().once('close', resolve))
    socket.end(bytes.subarray(0, random.integer(bytes.length + 1)))
    await within(5_000, 'the server to close', closed)
  }
}

async function answers(t: Test, { v4 }: Scene): Promise<void> {
  const peer = await udpPeer(v4)
  t.strictSame(await peer.exchange(Buffer.of()), [], 'the server answers')
  peer.close()
}

async function overLimitsUdp(t: Test, { v4 }: Scene): Promise<void> {
  const peer = await udpPeer(v4)
  const cases: readonly (readonly [what: string, status: number, bytes: Buffer])[] = [
    ['as much as a datagram holds', 200, options({ body: 65_000 })],
    ['more head than 32 KiB', 513, options({ more: lines(9, 'X-Long', 4_000) })],
    ['a value of more than 8 KiB', 400, options({ more: lines(1, 'X-Long', 9_000) })],
    ['more than 256 fields', 400, options({ more: lines(260, 'X', 1) })],
    ['a Request-URI of more than 2 KiB', 414, options({ uri: `sip:${'a'.repeat(2_100)}@example.com` })],
    ['more Vias than hops', 400, options({ more: 'Via: SIP/2.0/UDP h\r\n'.repeat(80) })],
    ['more Contacts than anybody has', 400, options({ more: `Contact: ${'<sip:a@h>, '.repeat(80)}<sip:b@h>\r\n` })],
    ['more parameters than anybody has', 400, options({ more: `Contact: <sip:a@h>${';x=1'.repeat(80)}\r\n` })],
  ]
  for (const [what, status, bytes] of cases) t.strictSame(statusesOf(await peer.exchange(bytes)), [status], what)
  peer.close()
}

async function overLimitsTcp(t: Test, { v4 }: Scene): Promise<void> {
  const cases: readonly (readonly [what: string, status: number, bytes: Buffer])[] = [
    ['a head that never ends', 513, options({ more: lines(12, 'X-Long', 4_000) }).subarray(0, 40_000)],
    ['a body of more than 64 KiB', 513, options({ length: '70000' })],
    ['a body beyond all numbers', 400, options({ length: '99999999999999999999' })],
    ['a body of less than nothing', 400, options({ length: '-1' })],
  ]
  for (const [what, status, bytes] of cases) {
    const peer = await tcpPeer(v4)
    t.strictSame(statusesOf(await peer.exchange(bytes)), [status], what)
    t.notOk(peer.open, `${what}: the connection is closed`)
    peer.close()
  }
  await overload(t, v4)
}

// Requests without end from somebody who takes no answer: the answers wait in the server's memory, up to a limit.
async function overload(t: Test, server: Endpoint): Promise<void> {
  const socket = await connected(server)
  socket.pause()
  let open = true
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      open = false
      resolve()
    })
  })
  const requests = Buffer.concat(Array.from({ length: 100 }, () => options({})))
  const flood = async (): Promise<void> => {
    while (open) {
      const room = socket.write(requests) ? turn() : new Promise((resolve) => socket.once('drain', resolve))
      await Promise.race([closed, room])
    }
  }
  await within(20_000, 'the end of a connection whose peer takes nothing', flood())
  t.notOk(open, 'who takes no answer is cut off')
}

let requests = 0

function options(how: { uri?: string; more?: string; body?: number; length?: string }): Buffer {
  const { uri = 'sip:example.com', more = '', body = 0, length = String(body) } = how
  const head = [
    `OPTIONS ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP h;rport;branch=z9hG4bK-limit${++requests}`,
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:example.com>',
    `Call-ID: limit-${requests}`,
    'CSeq: 1 OPTIONS',
    `Content-Length: ${length}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n${more}\r\n${'x'.repeat(body)}`)
}

function lines(count: number, name: string, octets: number): string {
  return `${name}: ${'x'.repeat(octets)}\r\n`.repeat(count)
}

function statusesOf(answers: readonly Seen[]): (number | null)[] {
  return answers.map(({ status }) => status)
}
