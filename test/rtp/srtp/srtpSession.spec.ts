import fc from 'fast-check'
import t from 'tap'
import { MAX_SOURCES } from '../../../src/rtp/srtp/sources.ts'
import type { SrtpSession } from '../../../src/rtp/srtp/srtpSession.ts'
import { RECEIVER_REPORT, rtp } from '../rtpBytes.ts'
import { hex, octets, pair } from './srtpBytes.ts'

/** A copy: what `protect` gives is valid until the next call. */
const sealed = (session: SrtpSession, sequence: number, ssrc?: number) =>
  Uint8Array.from(session.protect(rtp({ sequence, ssrc, payload: octets('01020304') })))

const took = (result: Uint8Array | string) => (typeof result === 'string' ? result : 'taken')

t.test('header, CSRC list and extension stay in the clear, the rest comes out as it went in', async (t) => {
  const { a, b } = pair()
  const clear = `9265000a00000000deadbeef${'11111111'}${'22222222'}bede0001${'10ff0000'}`
  const packet = octets(`${clear}${'aabbccddee'}`)
  const srtp = Uint8Array.from(a.protect(packet))
  t.equal(srtp.length, packet.length + 10)
  t.equal(hex(srtp).slice(0, clear.length), clear)
  t.not(hex(srtp).slice(clear.length, -20), 'aabbccddee')
  const back = b.unprotect(srtp)
  t.ok(back instanceof Uint8Array && back.buffer === srtp.buffer, 'where it lay')
  t.equal(typeof back === 'string' ? back : hex(back), hex(packet))
})

t.test('a packet without payload, and the longest', async (t) => {
  const { a, b } = pair()
  for (const [sequence, length] of [0, 1488].entries()) {
    const packet = rtp({ sequence, payload: Buffer.alloc(length, 7) })
    const back = b.unprotect(Uint8Array.from(a.protect(packet)))
    t.equal(typeof back === 'string' ? back : hex(back), hex(packet))
  }
  t.throws(() => a.protect(rtp({ payload: Buffer.alloc(1489) })), RangeError)
  t.throws(() => a.protect(new Uint8Array(12)), RangeError)
})

t.test('a packet is taken once, also late, but not from before the window', async (t) => {
  const { a, b } = pair()
  const packets = Array.from({ length: 400 }, (_, sequence) => sealed(a, 1000 + sequence))
  const take = (at: number) => took(b.unprotect(Uint8Array.from(packets[at] ?? [])))
  t.equal(take(0), 'taken')
  t.equal(take(0), 'replayed')
  t.equal(take(300), 'taken')
  t.equal(take(300), 'replayed')
  t.equal(take(300 - 223), 'taken', 'the oldest that is remembered')
  t.equal(take(300 - 223), 'replayed')
  t.equal(take(300 - 224), 'replayed', 'nobody knows')
  for (let at = 299; at > 300 - 223; at--) if (take(at) !== 'taken') t.fail(`packet ${at}`)
  for (let at = 0; at <= 300; at++) if (take(at) !== 'replayed') t.fail(`packet ${at} again`)
})

t.test('the sequence number wraps, with packets lost and late on both sides of it', async (t) => {
  const { a, b } = pair()
  const order = [65533, 65535, 65534, 1, 0, 5, 65532, 30000, 60000, 65535]
  const packets = order.map((sequence) => sealed(a, sequence))
  t.strictSame(
    packets.map((packet) => took(b.unprotect(packet))),
    Array(10).fill('taken'),
  )
  t.equal(took(b.unprotect(sealed(a, 4))), 'taken', 'after two wraps')
})

t.test('a packet from before the first is refused, and goes out under an index of its own', async (t) => {
  const { a, b } = pair()
  t.equal(took(b.unprotect(sealed(a, 3))), 'taken')
  t.equal(took(b.unprotect(sealed(a, 65530))), 'replayed')
  t.equal(took(b.unprotect(sealed(a, 4))), 'taken')
})

t.test('the tag holds every octet, and what is refused is as it was', async (t) => {
  const { a, b } = pair()
  t.equal(took(b.unprotect(sealed(a, 1))), 'taken')
  const packet = sealed(a, 2)
  for (let at = 0; at < packet.length; at++) {
    for (const flip of [1, 0x80]) {
      const forged = Uint8Array.from(packet)
      forged[at] = (forged[at] ?? 0) ^ flip
      const before = hex(forged)
      const result = b.unprotect(forged)
      if (typeof result !== 'string' || hex(forged) !== before) t.fail(`octet ${at}`)
    }
  }
  t.equal(took(b.unprotect(packet)), 'taken', 'it left no trace')
})

t.test('forged packets make no state, those of genuine SSRCs a bounded one', async (t) => {
  const { a, b } = pair()
  t.equal(took(b.unprotect(sealed(a, 65535, 1))), 'taken')
  for (let ssrc = 100; ssrc < 1100; ssrc++) if (b.unprotect(rtp({ ssrc })) !== 'forged') t.fail(`${ssrc}`)
  const wrapped = sealed(a, 0, 1)
  t.equal(took(b.unprotect(Uint8Array.from(wrapped))), 'taken', 'its roll-over counter is known still')
  for (let ssrc = 2; ssrc <= MAX_SOURCES; ssrc++) t.equal(took(b.unprotect(sealed(a, 9, ssrc))), 'taken')
  t.equal(b.unprotect(Uint8Array.from(wrapped)), 'replayed')
  t.equal(took(b.unprotect(sealed(a, 9, 5000))), 'taken')
  t.equal(b.unprotect(wrapped), 'forged', 'the one unheard for longest is forgotten')
})

t.test('RTCP: everything behind the first SSRC is encrypted, numbered, and taken once', async (t) => {
  const { a, b } = pair()
  const first = Uint8Array.from(a.protectRtcp(RECEIVER_REPORT))
  const second = Uint8Array.from(a.protectRtcp(RECEIVER_REPORT))
  t.equal(first.length, RECEIVER_REPORT.length + 14)
  t.equal(hex(first).slice(0, 16), hex(RECEIVER_REPORT).slice(0, 16))
  t.equal(hex(first).slice(-28, -20), '80000001')
  t.equal(hex(second).slice(-28, -20), '80000002')
  const take = (packet: Uint8Array) => {
    const back = b.unprotectRtcp(Uint8Array.from(packet))
    return typeof back === 'string' ? back : hex(back)
  }
  t.equal(take(second), hex(RECEIVER_REPORT))
  t.equal(take(first), hex(RECEIVER_REPORT), 'late')
  t.equal(take(first), 'replayed')
  t.equal(take(second), 'replayed')
  const third = Uint8Array.from(a.protectRtcp(RECEIVER_REPORT))
  for (let at = 0; at < third.length; at++) {
    const forged = Uint8Array.from(third)
    forged[at] = (forged[at] ?? 0) ^ 4
    if (!['forged', 'replayed', 'malformed'].includes(take(forged))) t.fail(`octet ${at}`)
  }
  t.equal(take(third), hex(RECEIVER_REPORT))
  t.throws(() => a.protectRtcp(new Uint8Array(7)), RangeError)
})

t.test('what is no packet is malformed, and nothing throws', async (t) => {
  const { b } = pair()
  t.equal(b.unprotect(new Uint8Array(0)), 'malformed')
  t.equal(b.unprotect(rtp({ payload: Buffer.alloc(9) })), 'malformed', 'no room for a tag')
  t.equal(b.unprotect(rtp({ payload: Buffer.alloc(1499) })), 'malformed', 'longer than any link carries')
  t.equal(b.unprotectRtcp(Buffer.alloc(21, 0x80)), 'malformed')
  t.equal(b.unprotectRtcp(Buffer.alloc(22, 0x80)), 'forged')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 255 }), (bytes, first) => {
      for (const start of [first, 0x80 | (first & 0x3f)]) {
        bytes[0] = start
        const results = [b.unprotect(Uint8Array.from(bytes)), b.unprotectRtcp(Uint8Array.from(bytes))]
        if (results.some((result) => result !== 'malformed' && result !== 'forged')) return false
      }
      return true
    }),
    { seed: 7, numRuns: 3000 },
  )
  t.pass()
})
