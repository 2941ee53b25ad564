import t, { type Test } from 'tap'
import type { Codec } from '../../src/codecs/codec.ts'
import { pcmu } from '../../src/codecs/g711.ts'
import { opus } from '../../src/codecs/opus/opus.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { EventReceiver } from '../../src/rtp/events/eventReceiver.ts'
import { dominantFrequency, gaps, tone } from '../support/audio.ts'
import { BROWSER, browserOf, ends, hangUp, talk, values } from '../support/virtual/browserCall.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'
import { jumps, soundOf } from '../support/virtual/speech.ts'
import { SERVER, type World, world } from '../support/virtual/world.ts'

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
