import t, { type Test } from 'tap'
import type { Codec } from '../../src/codecs/codec.ts'
import { pcmu } from '../../src/codecs/g711.ts'
import { opus } from '../../src/codecs/opus/opus.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { EventReceiver } from '../../src/rtp/events/eventReceiver.ts'
import type { SipMessage, SipResponse } from '../../src/sip/message/message.ts'
import { dominantFrequency, gaps, tone } from '../support/audio.ts'
import { bodyOf } from '../support/virtual/body.ts'
import type { BrowserMedia } from '../support/virtual/browserMedia.ts'
import { fingerprintOf } from '../support/virtual/handshakes.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { jumps, soundOf } from '../support/virtual/speech.ts'
import { type PhoneSetup, SERVER, type World, world } from '../support/virtual/world.ts'

const BROWSER: PhoneSetup = { transport: 'wss' }

let sentences = 0

/** Each says something in PCMU that the other one hears, word for word. */
async function talk(a: VirtualPhone, b: VirtualPhone): Promise<void> {
  const number = ++sentences
  a.says(`hello ${number}`)
  await b.hears(`hello ${number}`)
  b.says(`hi ${number}`)
  await a.hears(`hi ${number}`)
}

/** The media side of a phone that is a browser. */
function browserOf({ browser, options }: VirtualPhone): BrowserMedia {
  if (browser === null) throw new Error(`${options.user} is no browser`)
  return browser
}

/** A browser, 101, that calls a desk phone, 102. */
async function ends(t: Test, browser: PhoneSetup = {}, desk: PhoneSetup = {}) {
  const all = await world(t)
  const alice = await all.phone('101', { ...BROWSER, ...browser })
  const bob = await all.phone('102', desk)
  await bob.registers()
  return { all, alice, bob }
}

async function hangUp(t: Test, all: World, who: VirtualPhone, other: VirtualPhone): Promise<void> {
  await who.hangsUp()
  await other.isHungUpOn()
  await all.nothingIsLeft(t)
}

/** A re-INVITE, answered across the call; what came of it on both sides. */
async function reoffers(
  who: VirtualPhone,
  other: VirtualPhone,
  sdp = who.sdp(),
): Promise<{ readonly offer: SipMessage; readonly answer: SipResponse }> {
  who.asks('INVITE', { sdp })
  const offer = await other.seesRequest('INVITE')
  other.answers()
  const answer = await who.seesResponse('200 INVITE')
  who.acknowledges(answer)
  await other.sees('ACK')
  return { offer, answer }
}

/** The values of the lines that begin so. */
function values(message: { readonly body: Uint8Array }, start: string): string[] {
  const lines = bodyOf(message).split('\r\n')
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length))
}

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

t.test('header extensions of a browser stay with it', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.reaches(bob)
  browserOf(alice).extends = true
  await talk(alice, bob)
  t.ok(
    bob.audio.heard.every(({ words }) => /^h/.test(words)),
    'nothing stands before the words',
  )
  await hangUp(t, all, alice, bob)
})

t.test('keys that a browser presses by INFO are events to the other one, and it hears of keys as events', async (t) => {
  const { alice, bob, all } = await ends(t)
  await alice.reaches(bob)
  bob.asks('INFO', { type: 'application/dtmf-relay', sdp: 'Signal=5\r\nDuration=100\r\n' })
  await bob.sees('200 INFO')
  await all.clock.advance(1_000)
  const events = alice.audio.heard.filter(({ payloadType }) => payloadType === 126)
  t.ok(events.length >= 3)
  t.equal(events[0]?.words.charCodeAt(0), 5)
  alice.asks('INFO', { type: 'application/dtmf-relay', sdp: 'Signal=7\r\nDuration=100\r\n' })
  await alice.sees('200 INFO')
  await all.clock.advance(1_000)
  t.equal(bob.audio.heard.find(({ payloadType }) => payloadType === 101)?.words.charCodeAt(0), 7)
  await hangUp(t, all, alice, bob)
})

t.test('a stranger is told our external address, a browser on our network is not', async (t) => {
  const external = '198.51.100.1'
  const all = await world(t, { external })
  const far = await all.phone('101', {
    ...BROWSER,
    address: '203.0.113.7',
    inside: '192.168.1.5',
    server: { address: external, port: 5060 },
  })
  const near = await all.phone('102', BROWSER)
  const desk = await all.phone('103')
  await desk.registers()
  for (const [browser, addresses] of [
    [far, [external, SERVER]],
    [near, [SERVER]],
  ] as const) {
    await browser.calls('103')
    await desk.rings()
    desk.answers()
    const answer = await browser.talks()
    await desk.sees('ACK')
    t.same(
      values(answer, 'a=candidate:').map((line) => line.split(' ')[4]),
      addresses,
    )
    await browser.isSecured()
    await talk(browser, desk)
    await browser.hangsUp()
    await desk.isHungUpOn()
  }
  await all.nothingIsLeft(t)
})

t.test('a browser on this very host comes by the loopback, and is told where else we are', async (t) => {
  const all = await world(t, { addresses: [SERVER, '127.0.0.1'] })
  const alice = await all.phone('101', {
    ...BROWSER,
    address: '127.0.0.1',
    server: { address: '127.0.0.1', port: 5060 },
  })
  const desk = await all.phone('102')
  await desk.registers()
  await alice.calls('102')
  await desk.rings()
  desk.answers()
  const answer = await alice.talks()
  await desk.sees('ACK')
  t.same(
    values(answer, 'a=candidate:').map((line) => line.split(' ')[4]),
    ['127.0.0.1', SERVER],
  )
  await alice.isSecured()
  await talk(alice, desk)
  await hangUp(t, all, alice, desk)
})

const OPUS_ALONE = { codecs: ['111 opus/48000/2', '110 telephone-event/48000'] }
const PCMU_ALONE = { codecs: ['0 PCMU/8000', '101 telephone-event/8000'] }

/** A browser that knows Opus alone, in a call with a phone that does not know it. */
async function transcoded(t: Test) {
  // Before the engine is made; in all other scenarios there is none.
  await loadOpus()
  const found = await ends(t, OPUS_ALONE, PCMU_ALONE)
  await found.alice.reaches(found.bob)
  return found
}

t.test('Opus of a browser and PCMU of a phone: each tone is heard as it was', async (t) => {
  const { alice, bob, all } = await transcoded(t)
  const wide = opus(48_000, opusSettings(null))
  const [from, to] = [tongue(alice, wide, 111, 440), tongue(bob, pcmu, 0, 1000)]
  for (let packet = 0; packet < 100; packet++) {
    from.next()
    to.next()
    await all.clock.advance(20)
  }
  const heard = soundOf(bob.audio.heard, pcmu, 0)
  t.equal(dominantFrequency(heard), 440)
  t.same(gaps(heard, 440), [])
  const samples = new Int16Array(960)
  const decoder = wide.decoder()
  const decoded = alice.audio.heard
    .filter(({ payloadType }) => payloadType === 111)
    .flatMap(({ words }) => [...samples.subarray(0, decoder.decode(Buffer.from(words, 'latin1'), samples))])
  const sound = { rate: 48_000, samples: Int16Array.from(decoded) }
  t.ok(decoded.length >= 90 * 960, `${decoded.length / 960} packets of 100`)
  t.equal(dominantFrequency(sound), 1000)
  t.same(gaps(sound, 1000), [])
  t.same([...jumps(alice.audio.heard), ...jumps(bob.audio.heard)], [])
  await hangUp(t, all, alice, bob)
})

t.test(
  'a key pressed as events at 48000 Hz arrives as events at 8000 Hz, as long, and the other way round',
  async (t) => {
    const { alice, bob, all } = await transcoded(t)
    await presses(all, alice, { key: 5, payloadType: 110, rate: 48_000 })
    await all.clock.advance(1000)
    t.same(keysOf(bob, 101, 8000), [['5', 100]])
    await presses(all, bob, { key: 9, payloadType: 101, rate: 8000 })
    await all.clock.advance(1000)
    t.same(keysOf(alice, 110, 48_000), [['9', 100]])
    await hangUp(t, all, bob, alice)
  },
)

/** A phone's mouth: each call sends the next 20 ms of a tone. */
function tongue(phone: VirtualPhone, codec: Codec, payloadType: number, hz: number): { next(): void } {
  const rate = codec.spec.sampleRate
  const [sound, encoder, octets] = [tone(hz, 3, rate).samples, codec.encoder(), Buffer.alloc(1500)]
  let at = 0
  return {
    next() {
      const length = encoder.encode(sound.subarray(at, at + rate / 50), octets)
      at += rate / 50
      if (length > 0) phone.says(octets.toString('latin1', 0, length), payloadType)
    },
  }
}

/** 100 ms of a key as RFC 4733 has it, its end said three times. */
async function presses(
  { clock }: World,
  phone: VirtualPhone,
  { key, payloadType, rate }: { readonly key: number; readonly payloadType: number; readonly rate: number },
): Promise<void> {
  const began = phone.audio.timestamp
  for (let step = 1; step <= 7; step++) {
    const duration = (rate / 50) * Math.min(step, 5)
    const event = [key, (step >= 5 ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]
    phone.says(String.fromCharCode(...event), payloadType, began)
    await clock.advance(20)
  }
}

/** The keys that it was told as events, and for how many ms each was pressed. */
function keysOf({ audio }: VirtualPhone, payloadType: number, rate: number): (readonly [string, number])[] {
  const keys: (readonly [string, number])[] = []
  const receiver = new EventReceiver({ started() {}, ended: (digit, duration) => keys.push([digit, duration]) })
  let now = 0
  for (const { timestamp, words } of audio.heard.filter((packet) => packet.payloadType === payloadType)) {
    const payload = Buffer.from(words, 'latin1')
    now += 20
    receiver.take(timestamp, payload, 0, payload.length, rate, now)
  }
  receiver.tick(now + 1000)
  return keys
}
