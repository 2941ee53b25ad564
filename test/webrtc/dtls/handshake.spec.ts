import t from 'tap'
import { SrtpSession } from '../../../src/rtp/srtp/srtpSession.ts'
import { createHandshakes } from '../../../src/webrtc/dtls/localHandshakes.ts'
import { readFragments } from '../../../src/webrtc/dtls/message.ts'
import { HANDSHAKE, readRecords, writeRecord } from '../../../src/webrtc/dtls/record.ts'
import { HANDSHAKE_TIMEOUT } from '../../../src/webrtc/dtls/weriftHandshake.ts'
import { rtp } from '../../rtp/rtpBytes.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { agree, End, type Path, Wire } from './wire.ts'

const clock = new VirtualClock()
const alice = await createHandshakes({ clock })
const bob = await createHandshakes({ clock })

function talk(path?: Path) {
  const wire = new Wire()
  if (path) wire.path = path
  const server = new End(wire, alice, { role: 'server', fingerprints: [bob.fingerprint] })
  const client = new End(wire, bob, { role: 'client', fingerprints: [alice.fingerprint] })
  return { wire, server, client }
}

t.test('two of ours agree on keys, with which a packet passes; one says when it is done', async (t) => {
  const { wire, server, client } = talk()
  t.strictSame(wire.sent.client, [], 'nothing is sent before begin has returned')
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done']])
  t.ok(agree(server.keys, client.keys))
  if (!server.keys || !client.keys) return
  const packet = rtp({ sequence: 5 })
  const srtp = Uint8Array.from(new SrtpSession(server.keys).protect(packet))
  t.same(new SrtpSession(structuredClone(client.keys)).unprotect(srtp), Uint8Array.from(packet))
  server.handshake.close()
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done', 'closed']])
  t.equal(clock.timers, 0)
})

t.test('every datagram comes twice', async (t) => {
  const { wire, server, client } = talk((_, datagram) => [datagram, datagram])
  await wire.settle()
  t.ok(agree(server.keys, client.keys))
  t.strictSame([server.told, client.told], [['done'], ['done']])
  alice.close()
})

/** Cuts the messages of a datagram into fragments, each in a datagram of its own; epoch 1 is left as it is. */
function fragmented(size: number, order: (fragments: Buffer[]) => Buffer[]): Path {
  let sequence = 1000
  return (_, datagram) =>
    readRecords(datagram).flatMap(({ type, epoch, fragment, octets }) => {
      if (type !== HANDSHAKE || epoch > 0) return [octets]
      const pieces = (readFragments(fragment) ?? []).flatMap(({ type, length, sequence, body }) =>
        Array.from({ length: Math.ceil(length / size) || 1 }, (_, at) => {
          const piece = body.subarray(at * size, (at + 1) * size)
          const header = Buffer.alloc(12)
          header.writeUInt8(type, 0)
          header.writeUIntBE(length, 1, 3)
          header.writeUInt16BE(sequence, 4)
          header.writeUIntBE(at * size, 6, 3)
          header.writeUIntBE(piece.length, 9, 3)
          return Buffer.concat([header, piece])
        }),
      )
      return order(pieces).map((piece) => writeRecord(HANDSHAKE, 0, sequence++, piece))
    })
}

t.test('messages come in fragments, in any order', async (t) => {
  const random = seededRandom(11)
  const shuffled = (pieces: Buffer[]) => pieces.sort(() => random.fraction() - 0.5)
  for (const [size, order] of [[60, shuffled] as const, [200, (pieces: Buffer[]) => pieces.reverse()] as const]) {
    const { wire, server, client } = talk(fragmented(size, order))
    await wire.settle()
    t.strictSame([server.told, client.told], [['done'], ['done']], `of ${size} octets`)
    t.ok(agree(server.keys, client.keys))
    bob.close()
  }
})

t.test('the datagrams of a flight overtake each other, Finished first', async (t) => {
  let held: Buffer[] = []
  const { wire, server, client } = talk((from, datagram) => {
    if (from === 'server' || wire.sent.client.length <= 2) return [datagram]
    held.push(datagram)
    if (held.length < 5) return []
    const all = held.reverse()
    held = []
    return all
  })
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done']])
  t.ok(agree(server.keys, client.keys))
  alice.close()
})

t.test('who has lost our last flight sends its own again, and gets it, but not without end', async (t) => {
  const { wire, server } = talk()
  await wire.settle()
  const finished = wire.sent.client.at(-1) ?? Buffer.alloc(0)
  const before = wire.sent.server.length
  server.handshake.take(finished)
  t.strictSame(
    wire.sent.server.slice(before),
    wire.sent.server.slice(before - 2, before),
    'ChangeCipherSpec and Finished',
  )
  for (let count = 0; count < 100; count++) server.handshake.take(finished)
  t.equal(wire.sent.server.length, before + 2 * 8)
  t.strictSame(server.told, ['done'])
  alice.close()
})

t.test('a handshake that nobody answers fails in time, and leaves no timer', async (t) => {
  const { wire, server, client } = talk(() => [])
  await wire.settle()
  t.equal(wire.sent.client.length, 1, 'the ClientHello')
  t.equal(clock.timers, 2)
  await clock.advance(HANDSHAKE_TIMEOUT)
  t.strictSame(server.told, ['the peer did not finish the DTLS handshake in time'])
  t.strictSame(client.told, server.told)
  t.equal(clock.timers, 0)
})

t.test('a handshake that is closed says and sends nothing more', async (t) => {
  const { wire, server, client } = talk()
  client.handshake.close()
  client.handshake.close()
  await wire.settle()
  t.strictSame([wire.sent.client.length, client.told], [0, []], 'not even begun')
  server.handshake.close()
  const other = talk()
  other.server.handshake.take(Buffer.alloc(3))
  await new Promise((resolve) => setImmediate(resolve))
  const before = other.wire.sent.client.length
  bob.close()
  alice.close()
  await other.wire.settle()
  t.strictSame([before, other.wire.sent.client.length, other.client.told, other.server.told], [1, 1, [], []])
  t.equal(clock.timers, 0)
})
