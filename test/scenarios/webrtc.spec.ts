import t from 'tap'
import { bodyOf } from '../support/virtual/body.ts'
import { BROWSER, browserOf, ends, hangUp, reoffers, talk, values } from '../support/virtual/browserCall.ts'
import { world } from '../support/virtual/world.ts'

const SECURE = /^m=audio 20\d\d\d UDP\/TLS\/RTP\/SAVPF /m
const PLAIN = /^m=audio 10\d\d\d RTP\/AVP /m

t.test('a browser calls a desk phone: each is spoken to in its own way', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.calls('102')
  const offer = await bob.rings()
  t.match(bodyOf(offer), PLAIN)
  t.notMatch(bodyOf(offer), /a=(ice-|candidate|fingerprint|setup|mid|group|extmap|ssrc|rtcp-fb|rtcp-mux)/)
  bob.answers()
  const answer = await alice.talks()
  await bob.sees('ACK')
  t.match(bodyOf(answer), SECURE)
  t.match(bodyOf(answer), /^a=group:BUNDLE 0\r\n(.+\r\n)*a=mid:0\r\n/m)
  t.same(values(answer, 'a=setup:'), ['active'], 'we say hello first')
  t.same(values(answer, 'a=rtcp-mux'), [''])
  t.match(values(answer, 'a=candidate:'), [/^1 1 udp \d+ 10\.0\.0\.1 20\d\d\d typ host$/])
  await alice.isSecured()
  await talk(alice, bob)
  await hangUp(t, all, bob, alice)
})

t.test('a desk phone calls a browser', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.registers()
  await bob.calls('101')
  const offer = await alice.rings()
  t.match(bodyOf(offer), SECURE)
  t.same(values(offer, 'a=setup:'), ['actpass'])
  t.same(values(offer, 'a=group:'), ['BUNDLE 0'])
  alice.answers()
  t.match(bodyOf(await bob.talks()), PLAIN)
  await alice.sees('ACK')
  await alice.isSecured()
  await talk(bob, alice)
  await hangUp(t, all, alice, bob)
})

t.test('two browsers: both ways are secured, each with a pair of keys of its own', async (t) => {
  const all = await world(t)
  const alice = await all.phone('101', BROWSER)
  const bob = await all.phone('102', BROWSER)
  await bob.registers()
  await alice.reaches(bob)
  t.equal(all.handshakes.begun.length, 2)
  await talk(alice, bob)
  await hangUp(t, all, alice, bob)
})

for (const answering of ['browser', 'desk'] as const) {
  t.test(`both of a user's phones ring, each offered what it speaks: the ${answering} answers`, async (t) => {
    const all = await world(t)
    const caller = await all.phone('101')
    const browser = await all.phone('102', BROWSER)
    const desk = await all.phone('102')
    for (const phone of [browser, desk]) await phone.registers()
    await caller.calls('102')
    t.match(bodyOf(await browser.rings()), SECURE)
    t.match(bodyOf(await desk.rings()), PLAIN)
    const [winner, other] = answering === 'browser' ? [browser, desk] : [desk, browser]
    winner.answers()
    await caller.talks()
    await winner.sees('ACK')
    await winner.isSecured()
    const cancel = await other.seesRequest('CANCEL')
    other.answersTo(cancel, 200)
    other.responds(487)
    await talk(caller, winner)
    t.equal(all.webrtcPorts.inUse, answering === 'browser' ? 1 : 0)
    await hangUp(t, all, caller, winner)
  })
}

t.test('hold and resume, by the browser and by the desk phone', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.reaches(bob)
  await talk(alice, bob)
  const [firstHeld, secondHeld] = [
    await reoffers(alice, bob, alice.sdp({ lines: ['a=sendonly'] })),
    await reoffers(alice, bob, alice.sdp()),
  ]
  t.match(bodyOf(firstHeld.offer), /a=sendonly/)
  t.match(bodyOf(secondHeld.offer), /a=sendrecv/)
  await talk(alice, bob)
  const held = await reoffers(bob, alice, bob.sdp({ lines: ['a=sendonly'] }))
  t.match(bodyOf(held.offer), /UDP\/TLS\/RTP\/SAVPF(.+\r\n)+?a=sendonly/)
  await reoffers(bob, alice)
  await talk(bob, alice)
  await hangUp(t, all, alice, bob)
})

t.test('a re-offer of either side keeps credentials, certificate and roles', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  const first = await alice.talks()
  await bob.sees('ACK')
  await alice.isSecured()
  const lasting = ['a=ice-ufrag:', 'a=ice-pwd:', 'a=fingerprint:', 'a=candidate:', 'a=mid:', 'a=group:']
  const { answer } = await reoffers(alice, bob)
  const { offer } = await reoffers(bob, alice)
  for (const message of [answer, offer]) {
    for (const start of lasting) t.same(values(message, start), values(first, start), start)
  }
  t.same(values(answer, 'a=setup:'), ['active'], 'we stay the client')
  t.same(values(offer, 'a=setup:'), ['actpass'])
  await all.clock.advance(2_000)
  t.equal(all.handshakes.begun.length, 1)
  await talk(alice, bob)
  await hangUp(t, all, alice, bob)
})

t.test('ICE restarts by a re-INVITE in mid-call: new credentials, the same keys, and not a word is lost', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  const first = await alice.talks()
  await bob.sees('ACK')
  await alice.isSecured()
  browserOf(alice).restartsIce()
  const { answer } = await reoffers(alice, bob)
  t.notSame(values(answer, 'a=ice-ufrag:'), values(first, 'a=ice-ufrag:'))
  t.notSame(values(answer, 'a=ice-pwd:'), values(first, 'a=ice-pwd:'))
  t.same(values(answer, 'a=fingerprint:'), values(first, 'a=fingerprint:'))
  for (let time = 0; time < 20; time++) await talk(alice, bob)
  t.equal(all.handshakes.begun.length, 1)
  const again = await reoffers(alice, bob)
  t.same(values(again.answer, 'a=ice-ufrag:'), values(answer, 'a=ice-ufrag:'), 'and these stay')
  await hangUp(t, all, alice, bob)
})

t.test('a restart that is refused changes nothing of ours', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  const first = await alice.talks()
  await bob.sees('ACK')
  await alice.isSecured()
  const before = alice.sdp()
  browserOf(alice).restartsIce()
  alice.asks('INVITE', { sdp: alice.sdp() })
  await bob.seesRequest('INVITE')
  bob.responds(488)
  await alice.sees('488 INVITE')
  await bob.sees('ACK')
  alice.asks('INVITE', { sdp: before })
  await bob.seesRequest('INVITE')
  bob.answers()
  const answer = await alice.seesResponse('200 INVITE')
  alice.acknowledges(answer)
  await bob.sees('ACK')
  t.same(values(answer, 'a=ice-ufrag:'), values(first, 'a=ice-ufrag:'))
  await hangUp(t, all, alice, bob)
})

t.test('a camera is refused, and the voice goes on', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.calls('102', { sdp: browserOf(alice).sdp({ video: true }) })
  t.notMatch(bodyOf(await bob.rings()), /video/)
  bob.answers()
  const answer = await alice.talks()
  await bob.sees('ACK')
  t.match(bodyOf(answer), /^m=video 0 UDP\/TLS\/RTP\/SAVPF 96\r\na=mid:1\r\na=inactive\r\n$/m)
  t.same(values(answer, 'a=group:'), ['BUNDLE 0'], 'what is refused is in no bundle (RFC 9143 §7.3.3)')
  await alice.isSecured()
  await talk(alice, bob)
  // Our re-offer still names it, and still refuses it.
  const { offer } = await reoffers(bob, alice)
  t.match(bodyOf(offer), /^m=video 0 /m)
  await talk(alice, bob)
  await hangUp(t, all, alice, bob)
})
