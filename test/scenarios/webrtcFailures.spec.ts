import t from 'tap'
import { browserOf, ends } from '../support/virtual/browserCall.ts'
import { fingerprintOf } from '../support/virtual/handshakes.ts'

for (const { what, how, reason } of [
  { what: 'no codec that the other one has', how: { codecs: ['96 speex/16000'] }, reason: /codec/ },
  { what: 'no ICE credentials', how: { without: /^a=ice-(ufrag|pwd)/ }, reason: /ICE/ },
  { what: 'no fingerprint', how: { without: /^a=fingerprint/ }, reason: /fingerprint/ },
  { what: 'two ports', how: { without: /^a=rtcp-mux/ }, reason: /rtcp-mux/ },
  {
    what: 'a fingerprint that proves nothing any more',
    how: { fingerprint: { algorithm: 'sha-1', value: Array(20).fill('AB').join(':') } },
    reason: /SHA-256/,
  },
]) {
  t.test(`an offer with ${what} is a 488 that says so`, async (t) => {
    const { alice, bob, all } = await ends(t)
    if (what.includes('codec')) all.store.users.set('102', { codecs: ['pcma'] })
    const refusal = await alice.calls('102', { sdp: browserOf(alice).sdp(how), sees: '488 INVITE' })
    if (alice.outgoing) alice.acknowledgesRefusal(alice.outgoing, refusal)
    t.match((await all.records())[0], { outcome: 'failed', status: 488, reason })
    t.notOk(bob.hasSeen('INVITE'))
    await all.nothingIsLeft(t)
  })
}

t.test('another certificate than the SDP names ends the call, and its record says why', async (t) => {
  const { alice, bob, all } = await ends(t)
  const sdp = browserOf(alice).sdp({ fingerprint: fingerprintOf('somebody else') })
  await alice.calls('102', { sdp })
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  await bob.isHungUpOn()
  await alice.isHungUpOn()
  t.match((await all.records())[0], {
    reason: 'its media ended: the media could not be secured: its certificate is not the one that its SDP names',
  })
  await all.nothingIsLeft(t)
})

t.test('no way through a firewall ends the call after 20 s, and its record says why', async (t) => {
  const { alice, bob, all } = await ends(t)
  all.network.unreachable.add('10.0.0.11')
  await alice.calls('102')
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  const since = all.clock.now()
  await bob.isHungUpOn()
  await alice.isHungUpOn()
  t.ok(all.clock.now() - since >= 19_900 && all.clock.now() - since < 21_000)
  t.match((await all.records())[0], { reason: /^its media ended: no way was found .* firewall/ })
  await all.nothingIsLeft(t)
})

t.test('a page that says goodbye in its media and then hangs up has hung up', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.reaches(bob)
  browserOf(alice).handshakes.sayGoodbye()
  await all.clock.advance(500)
  await alice.hangsUp()
  await bob.isHungUpOn()
  t.match((await all.records())[0], { outcome: 'answered', endedBy: 'caller' })
  await all.nothingIsLeft(t)
})
