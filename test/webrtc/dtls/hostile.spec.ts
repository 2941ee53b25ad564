import t from 'tap'
import { createHandshakes } from '../../../src/webrtc/dtls/localHandshakes.ts'
import { wholeMessage } from '../../../src/webrtc/dtls/message.ts'
import { HANDSHAKE, readRecords, writeRecord } from '../../../src/webrtc/dtls/record.ts'
import { MAX_RECORDS } from '../../../src/webrtc/dtls/weriftHandshake.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { agree, End, Wire } from './wire.ts'

const clock = new VirtualClock()
const alice = await createHandshakes({ clock })
const bob = await createHandshakes({ clock })

function talk() {
  const wire = new Wire()
  const server = new End(wire, alice, { role: 'server', fingerprints: [bob.fingerprint] })
  const client = new End(wire, bob, { role: 'client', fingerprints: [alice.fingerprint] })
  return { wire, server, client }
}

/** A ClientHello of a peer that is not the client. */
async function strangersHello(): Promise<Buffer> {
  const { wire, client, server } = talk()
  wire.path = () => []
  await wire.settle()
  client.handshake.close()
  server.handshake.close()
  return wire.sent.client[0] ?? Buffer.alloc(0)
}

t.test('any octet of any datagram changes: keys are the same on both sides or there are none', async (t) => {
  const random = seededRandom(21)
  const outcomes = { same: 0, none: 0, one: 0 }
  for (let run = 0; run < 50; run++) {
    const { wire, server, client } = talk()
    const side = random.integer(2) === 0 ? 'client' : 'server'
    let until = random.integer(side === 'client' ? 7 : 8)
    wire.path = (from, datagram) => {
      if (from === side && until-- === 0) {
        const at = random.integer(datagram.length)
        datagram[at] = (datagram[at] ?? 0) ^ (1 << random.integer(8))
      }
      return [datagram]
    }
    await wire.settle()
    if (agree(server.keys, client.keys)) outcomes.same++
    else if (server.keys && client.keys) t.fail(`run ${run}: two pairs of keys`)
    else outcomes[server.keys || client.keys ? 'one' : 'none']++
    if (client.keys && !server.keys) t.fail(`run ${run}: the server ends the handshake, it can't be the client alone`)
    alice.close()
    bob.close()
  }
  t.ok(outcomes.none > 10, JSON.stringify(outcomes))
  t.equal(clock.timers, 0)
})

t.test('garbage of every kind is dropped, and the handshake goes on', async (t) => {
  const random = seededRandom(22)
  const { wire, server, client } = talk()
  for (let count = 0; count < 100; count++) {
    const garbage = random.bytes(random.integer(200))
    garbage[0] = 20 + random.integer(44)
    if (count % 2 === 0) garbage.set([0xfe, 0xfd, 0, count % 3], 1)
    for (const end of [server, client]) end.handshake.take(Uint8Array.from(garbage))
  }
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done']])
  t.ok(agree(server.keys, client.keys))
  alice.close()
})

t.test('a stranger says hello first: the peer may begin anew, once', async (t) => {
  const { wire, server, client } = talk()
  server.handshake.take(await strangersHello())
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done']])
  t.ok(agree(server.keys, client.keys))
  alice.close()
  bob.close()
})

t.test('a flood of hellos is answered twice, and ends the handshake', async (t) => {
  const hello = await strangersHello()
  const wire = new Wire()
  const server = new End(wire, alice, { role: 'server', fingerprints: [bob.fingerprint] })
  for (let count = 0; count < MAX_RECORDS - 1; count++) {
    // The random of the hello, octets 27 to 58.
    hello.writeUInt32BE(count, 40)
    server.handshake.take(hello)
  }
  await wire.settle()
  t.equal(wire.sent.server.length, 2, 'HelloVerifyRequests')
  for (let count = 0; count < 2; count++) server.handshake.take(hello)
  t.strictSame(server.told, ['the peer sent too much before it finished the DTLS handshake'])
  server.handshake.take(hello)
  t.equal(wire.sent.server.length, 3, 'an alert more')
  t.equal(clock.timers, 0)
})

t.test('fragments that never end fill no memory, and end the handshake', async (t) => {
  const wire = new Wire()
  const server = new End(wire, alice, { role: 'server', fingerprints: [bob.fingerprint] })
  const fragment = Buffer.alloc(1200)
  for (let count = 0; count < 100; count++) {
    fragment.writeUInt8(1, 0)
    fragment.writeUIntBE(8000, 1, 3)
    fragment.writeUInt16BE(count % 8, 4)
    fragment.writeUIntBE(count, 6, 3)
    fragment.writeUIntBE(fragment.length - 12, 9, 3)
    server.handshake.take(writeRecord(HANDSHAKE, 0, count, fragment))
  }
  t.strictSame(server.told, ['the peer sent too much before it finished the DTLS handshake'])
})

t.test('messages in the wrong place end the handshake', async (t) => {
  for (const type of [0, 2, 11, 16, 20, 99]) {
    const wire = new Wire()
    const server = new End(wire, alice, { role: 'server', fingerprints: [bob.fingerprint] })
    server.handshake.take(writeRecord(HANDSHAKE, 0, 0, wholeMessage(type, 0, Buffer.alloc(40)).octets))
    t.strictSame(server.told, [`the peer's handshake message ${type} came out of order`])
  }
})

t.test('behind the connection, what is not encrypted changes nothing', async (t) => {
  const { wire, server, client } = talk()
  await wire.settle()
  const hello = await strangersHello()
  const before = { client: wire.sent.client.length, server: wire.sent.server.length }
  const plain = [
    hello,
    wire.sent.client[0] ?? hello,
    writeRecord(21, 0, 9, Buffer.from([1, 0])),
    writeRecord(21, 0, 9, Buffer.from([2, 40])),
    writeRecord(21, 1, 9, Buffer.from([1, 0])),
    writeRecord(21, 1, 9, Buffer.alloc(26)),
    writeRecord(23, 1, 9, Buffer.alloc(26)),
    writeRecord(20, 0, 9, Buffer.from([1])),
  ]
  for (const datagram of plain) for (const end of [server, client]) end.handshake.take(datagram)
  await wire.settle()
  t.strictSame([server.told, client.told], [['done'], ['done']])
  t.strictSame({ client: wire.sent.client.length, server: wire.sent.server.length }, before)
  client.handshake.close()
  await wire.settle()
  t.strictSame(server.told, ['done', 'closed'], 'its true end is heard')
})

t.test('what comes in the place of a lost message can not be put in later', async (t) => {
  const { wire, server, client } = talk()
  // The certificate comes twice, the second time another one.
  wire.path = (from, datagram) => {
    const [record] = readRecords(datagram)
    if (from !== 'client' || record?.fragment[0] !== 11) return [datagram]
    const other = Buffer.from(datagram)
    other[100] = (other[100] ?? 0) ^ 1
    return [datagram, other]
  }
  await wire.settle()
  t.ok(agree(server.keys, client.keys))
  t.strictSame([server.told, client.told], [['done'], ['done']])
  bob.close()
})
