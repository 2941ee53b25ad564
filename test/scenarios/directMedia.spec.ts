import t, { type Test } from 'tap'
import type { MediaWay } from '../../src/bridge/callRecord.ts'
import type { SipMessage } from '../../src/sip/message/message.ts'
import { bodyOf } from '../support/virtual/body.ts'
import type { BrowserMedia } from '../support/virtual/browserMedia.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { type PhoneSetup, SERVER, type World, world } from '../support/virtual/world.ts'

const BROWSER: PhoneSetup = { transport: 'wss', tellsAddress: true }

/** A world whose users have such media, and which knows how many datagrams went where. */
async function house(t: Test, media: Readonly<Record<string, MediaWay>>) {
  const all = await world(t)
  for (const [user, way] of Object.entries(media)) all.store.users.set(user, { media: way })
  const datagrams = { byUs: 0, betweenThem: 0 }
  all.network.onPacket = (from, to) => {
    if (from.address === SERVER || to.address === SERVER) datagrams.byUs++
    else datagrams.betweenThem++
  }
  return Object.assign(all, { datagrams })
}

/** Two browsers, 101 and 102, of users who both may. */
async function browsers(t: Test, media: Readonly<Record<string, MediaWay>> = { 101: 'direct', 102: 'direct' }) {
  const all = await house(t, media)
  const alice = await all.phone('101', BROWSER)
  const bob = await all.phone('102', BROWSER)
  await bob.registers()
  return { all, alice, bob }
}

/** The same, in a call. */
async function talking(t: Test) {
  const { all, alice, bob } = await browsers(t)
  await alice.reaches(bob)
  return { all, alice, bob }
}

let sentences = 0

async function talk(a: VirtualPhone, b: VirtualPhone): Promise<void> {
  const number = ++sentences
  a.says(`hello ${number}`)
  await b.hears(`hello ${number}`)
  b.says(`hi ${number}`)
  await a.hears(`hi ${number}`)
}

async function hangUp(t: Test, all: World, who: VirtualPhone, other: VirtualPhone): Promise<void> {
  await who.hangsUp()
  await other.isHungUpOn()
  await all.nothingIsLeft(t)
}

function browserOf({ browser, options }: VirtualPhone): BrowserMedia {
  if (browser === null) throw new Error(`${options.user} is no browser`)
  return browser
}

/** Fails unless the media of the one call that is up go so. */
async function goes(t: Test, all: World, way: MediaWay): Promise<void> {
  const direct = way === 'direct'
  t.equal(all.engine.legs, direct ? 0 : 2, 'legs of ours')
  t.same(
    all.pbx.calls.all().flatMap(({ legs }) => legs.map((leg) => leg.way)),
    [way, way],
  )
}

/** A re-INVITE of `who` with `sdp`, which `other` answers with `answer`: each must get the other's words as they stand. */
async function reoffers(t: Test, who: VirtualPhone, other: VirtualPhone, sdp: string, answer?: string): Promise<void> {
  who.asks('INVITE', { sdp })
  t.equal(bodyOf(await other.seesRequest('INVITE')), sdp)
  const said = answer ?? other.sdp()
  other.answers({ sdp: said })
  const final = await who.seesResponse('200 INVITE')
  t.equal(bodyOf(final), said)
  who.acknowledges(final)
  await other.sees('ACK')
}

function lines(message: SipMessage, start: string): string[] {
  return bodyOf(message)
    .split('\r\n')
    .filter((line) => line.startsWith(start))
}

t.test('two browsers talk to each other: what each says of its media comes to the other as it stands', async (t) => {
  const { all, alice, bob } = await browsers(t)
  const said = browserOf(alice).sdp({ video: true })
  await alice.calls('102', { sdp: said })
  const offer = await bob.rings()
  t.equal(bodyOf(offer), said, 'candidates, fingerprint, camera and all')
  t.match(lines(offer, 'a=candidate:'), [/ 10\.0\.0\.11 4000 typ host/])
  const answer = bob.sdp()
  bob.answers({ sdp: answer })
  t.equal(bodyOf(await alice.talks()), answer)
  await bob.sees('ACK')
  await alice.isSecured()
  await bob.isSecured()
  await talk(alice, bob)
  await goes(t, all, 'direct')
  t.equal(all.webrtcPorts.inUse, 0)
  t.equal(all.handshakes.begun.length, 0, 'the server shakes no hands')
  t.equal(all.datagrams.byUs, 0, 'and sees no packet')
  t.ok(all.datagrams.betweenThem > 4)
  t.same(
    [browserOf(alice).target, browserOf(bob).target],
    [bob, alice].map((each) => mediaAddress(each)),
  )
  await hangUp(t, all, alice, bob)
  const [record] = await all.records()
  t.match(record, { outcome: 'answered', endedBy: 'caller', answeredBy: '102' })
  t.match(record?.legs, [
    { role: 'caller', user: '101', way: 'direct', codec: null, stats: null },
    { role: 'callee', user: '102', way: 'direct', codec: null, stats: null },
  ])
})

function mediaAddress({ local, audio }: VirtualPhone) {
  return { address: local.address, port: audio.port }
}

for (const relayed of ['101', '102']) {
  t.test(`where ${relayed} may not, the media go through the server`, async (t) => {
    const { all, alice, bob } = await browsers(t, { 101: 'direct', 102: 'direct', [relayed]: 'relay' })
    await alice.calls('102')
    t.match(lines(await bob.rings(), 'a=candidate:'), [new RegExp(` ${SERVER.replaceAll('.', '\\.')} 20\\d\\d\\d `)])
    bob.answers()
    await alice.talks()
    await bob.sees('ACK')
    await alice.isSecured()
    await talk(alice, bob)
    await goes(t, all, 'relay')
    t.equal(all.datagrams.betweenThem, 0)
    await hangUp(t, all, alice, bob)
    t.match((await all.records())[0]?.legs, [{ way: 'relay' }, { way: 'relay' }])
  })
}

t.test('a desk phone has its media from us, whatever its user may, called or calling', async (t) => {
  const all = await house(t, { 101: 'direct', 102: 'direct' })
  const alice = await all.phone('101', BROWSER)
  const bob = await all.phone('102')
  await alice.registers()
  await bob.registers()
  await alice.calls('102')
  t.match(bodyOf(await bob.rings()), /^m=audio 10\d\d\d RTP\/AVP /m)
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  await alice.isSecured()
  await talk(alice, bob)
  await goes(t, all, 'relay')
  await alice.hangsUp()
  await bob.isHungUpOn()
  bob.dialog = null
  await bob.reaches(alice)
  await talk(bob, alice)
  await goes(t, all, 'relay')
  await hangUp(t, all, bob, alice)
})

for (const answering of ['browser', 'desk'] as const) {
  t.test(`a browser and a desk phone ring together: the ${answering} answers`, async (t) => {
    const all = await house(t, { 101: 'direct', 102: 'direct' })
    const caller = await all.phone('101', BROWSER)
    const browser = await all.phone('102', BROWSER)
    const desk = await all.phone('102')
    for (const phone of [browser, desk]) await phone.registers()
    const said = caller.sdp()
    await caller.calls('102', { sdp: said })
    t.equal(bodyOf(await browser.rings()), said)
    t.match(bodyOf(await desk.rings()), /^m=audio 10\d\d\d RTP\/AVP /m)
    const [winner, other] = answering === 'browser' ? [browser, desk] : [desk, browser]
    winner.answers()
    await caller.talks()
    await winner.sees('ACK')
    await caller.isSecured()
    other.answersTo(await other.seesRequest('CANCEL'), 200)
    other.responds(487)
    await talk(caller, winner)
    await goes(t, all, answering === 'browser' ? 'direct' : 'relay')
    await hangUp(t, all, caller, winner)
    const [record] = await all.records()
    t.equal(record?.legs.length, 2, 'whoever did not answer has no leg in it')
  })
}

t.test('hold and resume, by either side, and the call is shown as held', async (t) => {
  const { all, alice, bob } = await talking(t)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await reoffers(t, one, other, one.sdp({ lines: ['a=sendonly'] }), other.sdp({ lines: ['a=recvonly'] }))
    const directions = all.pbx.calls
      .all()
      .flatMap(({ legs }) => legs.map((leg) => (leg.way === 'direct' ? leg.said : null)))
    t.match(new Set(directions.map((said) => said?.direction)), new Set(['sendonly', 'recvonly']))
    await reoffers(t, one, other, one.sdp())
    await talk(alice, bob)
  }
  await hangUp(t, all, bob, alice)
  const changes = (await all.records())[0]?.events.filter(({ type }) => type === 'media')
  t.match(changes, [
    { by: 'caller', change: 'held' },
    { by: 'caller', change: 'resumed' },
    { by: 'callee', change: 'held' },
    { by: 'callee', change: 'resumed' },
  ])
})

t.test('ICE restarts between the two of them, and they go on talking', async (t) => {
  const { all, alice, bob } = await talking(t)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    browserOf(one).restartsIce()
    one.asks('INVITE', { sdp: one.sdp() })
    await other.seesRequest('INVITE')
    browserOf(other).restartsIce()
    other.answers()
    one.acknowledges(await one.seesResponse('200 INVITE'))
    await other.sees('ACK')
    await talk(alice, bob)
  }
  t.equal(all.datagrams.byUs, 0)
  await hangUp(t, all, alice, bob)
})

t.test('a re-INVITE that is refused, and one that is an UPDATE', async (t) => {
  const { all, alice, bob } = await browsers(t)
  const allows = { headers: [['Allow', 'INVITE, ACK, BYE, CANCEL, UPDATE']] as const }
  await alice.calls('102')
  await bob.rings()
  bob.answers({ ...allows })
  await alice.talks()
  await bob.sees('ACK')
  const before = bob.sdp()
  alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=inactive'] }) })
  await bob.seesRequest('INVITE')
  bob.answersTo(bob.incoming ?? (await bob.seesRequest('INVITE')), 488)
  await alice.sees('488 INVITE')
  await bob.sees('ACK')
  const [offer, answer] = [alice.sdp({ lines: ['a=sendonly'] }), before]
  alice.asks('UPDATE', { sdp: offer })
  const update = await bob.seesRequest('UPDATE')
  t.equal(bodyOf(update), offer)
  bob.answersTo(update, 200, { headers: [['Contact', bob.contact]], sdp: answer })
  t.equal(bodyOf(await alice.seesResponse('200 UPDATE')), answer)
  await hangUp(t, all, alice, bob)
})

t.test('a re-INVITE without SDP: the other one makes the offer, and the ACK has the answer', async (t) => {
  const { all, alice, bob } = await talking(t)
  alice.asks('INVITE')
  t.equal((await bob.seesRequest('INVITE')).body.length, 0)
  const offer = bob.sdp()
  bob.answers({ sdp: offer })
  const final = await alice.seesResponse('200 INVITE')
  t.equal(bodyOf(final), offer)
  const answer = alice.sdp()
  alice.acknowledges(final, { sdp: answer })
  t.equal(bodyOf(await bob.sees('ACK')), answer)
  await talk(alice, bob)
  await hangUp(t, all, alice, bob)
})

t.test('a hold that is taken back while the other accepts it: that one is brought back', async (t) => {
  const { all, alice, bob } = await browsers(t)
  const said = alice.sdp()
  await alice.calls('102', { sdp: said })
  await bob.rings()
  bob.answers()
  await alice.talks()
  await bob.sees('ACK')
  alice.outgoing = alice.asks('INVITE', { sdp: alice.sdp({ lines: ['a=sendonly'] }) })
  await bob.seesRequest('INVITE')
  alice.cancels()
  bob.answers({ sdp: bob.sdp({ lines: ['a=recvonly'] }) })
  await bob.sees('ACK')
  t.equal(bodyOf(await bob.seesRequest('INVITE')), said)
  bob.answers()
  await bob.sees('ACK')
  await hangUp(t, all, alice, bob)
})

t.test('what a phone says before it answers is not passed on', async (t) => {
  const { all, alice, bob } = await browsers(t)
  await alice.calls('102')
  const invite = await bob.seesRequest('INVITE')
  t.notMatch(invite.headers.first('supported'), /100rel/)
  const answer = bob.sdp()
  bob.responds(183, { sdp: answer })
  t.equal((await alice.seesResponse('183 INVITE')).body.length, 0)
  bob.answers({ sdp: answer })
  t.equal(bodyOf(await alice.talks()), answer)
  await bob.sees('ACK')
  await alice.isSecured()
  await talk(alice, bob)
  await hangUp(t, all, alice, bob)
})

t.test('a caller that has heard one phone’s early media keeps ours, when that one points to another', async (t) => {
  const all = await house(t, { 101: 'direct', 102: 'direct', 103: 'direct' })
  const alice = await all.phone('101', BROWSER)
  const desk = await all.phone('102')
  const carol = await all.phone('103', BROWSER)
  await desk.registers()
  await carol.registers()
  await alice.calls('102')
  await desk.seesRequest('INVITE')
  desk.responds(183, { sdp: desk.sdp() })
  await alice.sees('183 INVITE')
  desk.responds(302, { headers: [['Contact', `<sip:103@${SERVER}>`]] })
  t.match(lines(await carol.rings(), 'a=candidate:'), [/ 10\.0\.0\.1 20\d\d\d /])
  carol.answers()
  await alice.talks()
  await carol.sees('ACK')
  await goes(t, all, 'relay')
  await hangUp(t, all, alice, carol)
})

t.test('who is pointed to by a phone that was silent has the caller’s own offer', async (t) => {
  const all = await house(t, { 101: 'direct', 103: 'direct' })
  const alice = await all.phone('101', BROWSER)
  const desk = await all.phone('102')
  const carol = await all.phone('103', BROWSER)
  await desk.registers()
  await carol.registers()
  const said = alice.sdp()
  await alice.calls('102', { sdp: said })
  await desk.seesRequest('INVITE')
  desk.responds(302, { headers: [['Contact', `<sip:103@${SERVER}>`]] })
  t.equal(bodyOf(await carol.rings()), said)
  carol.answers()
  await alice.talks()
  await carol.sees('ACK')
  await goes(t, all, 'direct')
  await hangUp(t, all, alice, carol)
})

t.test('a caller without an offer has its media from us', async (t) => {
  const { all, alice, bob } = await browsers(t)
  await alice.calls('102', { sdp: null })
  t.equal((await bob.rings()).body.length, 0)
  bob.answers()
  const answer = await alice.seesResponse('200 INVITE')
  alice.dialog = null
  t.match(lines(answer, 'a=candidate:'), [/ 10\.0\.0\.1 20\d\d\d /])
  alice.acknowledges(answer, { sdp: alice.sdp() })
  await bob.sees('ACK')
  await goes(t, all, 'relay')
  bob.asks('BYE')
  await alice.seesRequest('BYE')
  alice.close()
})

t.test('an answer that is none fails the call, and whoever gave it is hung up on', async (t) => {
  const { all, alice, bob } = await browsers(t)
  await alice.calls('102')
  await bob.rings()
  bob.answers({ sdp: null })
  await bob.sees('ACK')
  await bob.isHungUpOn()
  const refusal = await alice.seesResponse('488 INVITE')
  if (alice.outgoing) alice.acknowledgesRefusal(alice.outgoing, refusal)
  t.match((await all.records())[0], { status: 488, reason: /the answer of 102 could not be used/ })
  await all.nothingIsLeft(t)
})

t.test('keys by INFO, and all else in the dialog, are passed on as they stand', async (t) => {
  const { all, alice, bob } = await talking(t)
  const key = 'Signal=5\r\nDuration=100\r\n'
  alice.asks('INFO', { type: 'application/dtmf-relay', sdp: key })
  const info = await bob.seesRequest('INFO')
  t.equal(bodyOf(info), key)
  t.equal(info.headers.first('content-type'), 'application/dtmf-relay')
  bob.answersTo(info, 200)
  await alice.sees('200 INFO')
  await hangUp(t, all, alice, bob)
})

t.test('nobody hears them, so both are asked each minute; who does not answer is gone', async (t) => {
  const { all, alice, bob } = await talking(t)
  for (let minute = 0; minute < 3; minute++) {
    for (const one of [alice, bob]) one.answersTo(await one.seesRequest('OPTIONS', 61_000), 200)
  }
  t.notOk(alice.hasSeen('BYE') || bob.hasSeen('BYE'))
  alice.answersTo(await alice.seesRequest('OPTIONS', 61_000), 200)
  await bob.seesRequest('OPTIONS')
  await alice.isHungUpOn()
  t.match((await all.records())[0], { endedBy: 'server', reason: /102: the phone answers no more/ })
})

t.test('a session that we refresh by a re-INVITE is offered what the other one said', async (t) => {
  const { all, alice, bob } = await browsers(t)
  const said = alice.sdp()
  await alice.calls('102', { sdp: said })
  await bob.rings()
  const headers = [
    ['Supported', 'timer'],
    ['Session-Expires', '100;refresher=uac'],
  ] as const
  bob.answers({ headers })
  await alice.talks()
  await bob.sees('ACK')
  const refresh = await bob.seesRequest('INVITE', 59_000)
  t.equal(bodyOf(refresh), said)
  bob.answers({ headers })
  await bob.sees('ACK')
  t.notOk(alice.hasSeen('INVITE'), 'the other leg knows nothing of it')
  await hangUp(t, all, alice, bob)
})
