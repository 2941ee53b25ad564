import t from 'tap'
import type { Endpoint } from '../../src/platform/network.ts'
import { createResponse } from '../../src/sip/message/create.ts'
import type { SipRequest } from '../../src/sip/message/message.ts'
import { parseMessage } from '../../src/sip/message/parse.ts'
import { writeMessage } from '../../src/sip/message/write.ts'
import { StreamFramer } from '../../src/sip/transport/framing.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type World, world } from '../support/virtual/world.ts'

/** RFC 3261 §18.1.1 */
const LIMIT = 1300

/** Requests that come to this address over TCP; each is answered 200 over its connection. */
async function overTcp({ network }: World, at: Endpoint): Promise<SipRequest[]> {
  const requests: SipRequest[] = []
  await network.host(at.address).listenTcp(at, (connection) => {
    const framer = new StreamFramer()
    connection.onData((bytes) => {
      for (const piece of framer.push(bytes)) {
        const message = piece.kind === 'message' ? parseMessage(piece.bytes, 'stream') : null
        if (message?.kind !== 'request') continue
        requests.push(message)
        connection.write(writeMessage(createResponse(message, 200, { toTag: 'x' })))
      }
    })
  })
  return requests
}

/** The largest datagram from the server to `phone` from now on. */
function largestTo({ network }: World, phone: VirtualPhone): { octets: number } {
  const largest = { octets: 0 }
  network.onPacket = (_from, to, bytes) => {
    if (to.address === phone.local.address) largest.octets = Math.max(largest.octets, bytes.length)
  }
  return largest
}

/** 101, not registered, talks to 102, who is. */
async function call(all: World) {
  const alice = await all.phone('101')
  const bob = await all.phone('102')
  await bob.registers()
  await alice.reaches(bob)
  return { alice, bob }
}

const large = 'x'.repeat(1300)

t.test('a request too large for a datagram goes over TCP to a caller that is not registered', async (t) => {
  const all = await world(t)
  const { alice, bob } = await call(all)
  const requests = await overTcp(all, alice.local)
  const largest = largestTo(all, alice)
  bob.asks('INFO', { sdp: large })
  await bob.sees('200 INFO')
  const [info] = requests
  t.match(info?.headers.first('via'), /^SIP\/2\.0\/TCP 10\.0\.0\.1:5060;/)
  t.match(info?.headers.first('contact'), /^<sip:102@10\.0\.0\.1:5060;transport=tcp>$/)
  t.equal(info?.body.length, large.length)
  t.notOk(alice.hasSeen('INFO'))
  t.ok(largest.octets < LIMIT)
  bob.asks('INFO', { sdp: 'small' })
  const small = await alice.seesRequest('INFO')
  t.match(small.headers.first('via'), /^SIP\/2\.0\/UDP /)
  t.match(small.headers.first('contact'), /^<sip:102@10\.0\.0\.1:5060>$/)
  alice.answersTo(small, 200)
  await bob.sees('200 INFO')
  await bob.hangsUp()
  await alice.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('where TCP is refused it goes over UDP after all, and says so', async (t) => {
  const all = await world(t)
  const { alice, bob } = await call(all)
  bob.asks('INFO', { sdp: large })
  const info = await alice.seesRequest('INFO', 500)
  t.match(info.headers.first('via'), /^SIP\/2\.0\/UDP /)
  t.match(info.headers.first('contact'), /^<sip:102@10\.0\.0\.1:5060>$/)
  t.equal(info.headers.all('via').length, 1)
  alice.answersTo(info, 200)
  await bob.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('where the connection is closed unanswered it goes over UDP after all', async (t) => {
  const all = await world(t)
  const { alice, bob } = await call(all)
  const { local } = alice
  await all.network.host(local.address).listenTcp(local, (connection) => connection.close())
  bob.asks('INFO', { sdp: large })
  alice.answersTo(await alice.seesRequest('INFO', 500), 200)
  await bob.sees('200 INFO')
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})

t.test('over the flow of a registered phone it stays, however large', async (t) => {
  const all = await world(t)
  const { alice, bob } = await call(all)
  const requests = await overTcp(all, bob.local)
  const largest = largestTo(all, bob)
  alice.asks('INFO', { sdp: large.repeat(9) })
  const info = await bob.seesRequest('INFO')
  t.match(info.headers.first('via'), /^SIP\/2\.0\/UDP /)
  bob.answersTo(info, 200)
  await alice.sees('200 INFO')
  t.ok(largest.octets > 9 * LIMIT)
  t.same(requests, [])
  await alice.hangsUp()
  await bob.isHungUpOn()
  const headers = [['Subject', large]] as const
  await alice.calls('102', { headers, sdp: alice.sdp({ lines: [`a=x-large:${large}`] }) })
  await bob.rings()
  t.same(requests, [], 'an INVITE, too')
  bob.responds(486)
  await alice.sees('486 INVITE')
  await all.nothingIsLeft(t)
})

t.test('a caller behind NAT is not connected to', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101', { address: '203.0.113.7', port: 61234, claims: '10.0.0.99', claimsPort: 5060 })
  const bob = await all.phone('102')
  await bob.registers()
  const requests = await overTcp(all, { address: '10.0.0.99', port: 5060 })
  await alice.reaches(bob)
  bob.asks('INFO', { sdp: large })
  alice.answersTo(await alice.seesRequest('INFO'), 200)
  await bob.sees('200 INFO')
  t.same(requests, [])
  await alice.hangsUp()
  await bob.isHungUpOn()
  await all.nothingIsLeft(t)
})
