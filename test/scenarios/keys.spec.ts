import t from 'tap'
import { pcma, pcmu } from '../../src/codecs/g711.ts'
import { DtmfDetector } from '../../src/codecs/tones/dtmfDetector.ts'
import { dtmfTone } from '../../src/codecs/tones/tones.ts'
import { EventReceiver } from '../../src/rtp/events/eventReceiver.ts'
import type { PhoneMedia } from '../support/virtual/audio.ts'
import { bodyOf } from '../support/virtual/body.ts'
import { type TwoPhones, talking } from '../support/virtual/people.ts'
import type { VirtualPhone } from '../support/virtual/phone.ts'

const EVENTS = { codecs: ['0 PCMU/8000', '101 telephone-event/8000'] }
const NO_EVENTS = { codecs: ['0 PCMU/8000'] }
const BOTH_LAWS = { codecs: ['0 PCMU/8000', '8 PCMA/8000'] }
const PLAIN = 'application/dtmf'

t.test('a key by INFO is an event to who knows events', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: EVENTS })
  const { alice, bob } = all
  presses(alice, '5', 200)
  await alice.sees('200 INFO')
  await all.clock.advance(1000)
  t.same(eventsOf(bob.audio), [['5', 200]])
  t.notOk(bob.hasSeen('INFO'), 'and nothing else')
  presses(alice, '#')
  await alice.sees('200 INFO')
  await all.clock.advance(1000)
  t.same(
    eventsOf(bob.audio).map(([key]) => key),
    ['5', '#'],
  )
  await ends(t, all)
})

t.test('a key by INFO is a tone to who knows no events', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: NO_EVENTS })
  presses(all.alice, '9')
  await all.alice.sees('200 INFO')
  await all.clock.advance(1000)
  t.equal(tonesOf(all.bob.audio), '9')
  await ends(t, all)
})

t.test('an event is a tone to who knows none, once and as long', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: NO_EVENTS })
  for (const key of '15#') {
    await sendsEvent(all, key)
    await all.clock.advance(300)
  }
  t.equal(tonesOf(all.bob.audio), '15#')
  await ends(t, all)
})

t.test('keys that follow each other quickly are all tones, though the one before still sounds', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: NO_EVENTS })
  for (const key of '1123#') await sendsEvent(all, key)
  await all.clock.advance(1000)
  t.equal(tonesOf(all.bob.audio), '1123#')
  await ends(t, all)
})

t.test('a tone is an event to who knows events, and hardly heard', async (t) => {
  const all = await talking(t, { alice: NO_EVENTS, bob: EVENTS })
  for (const key of ['1', '1', 'D'] as const) {
    await plays(all, key, 100)
    await plays(all, null, 100)
  }
  await all.clock.advance(1000)
  t.same(
    eventsOf(all.bob.audio).map(([key]) => key),
    ['1', '1', 'D'],
  )
  const sound = soundOf(all.bob.audio)
  const loud = sound.filter((sample) => Math.abs(sample) > 200).length
  t.ok(loud <= 3 * 8 * 40, `${loud / 8} ms of three tones came through`)
  t.equal(tonesOf(all.bob.audio), '', 'too little to be a key')
  await ends(t, all)
})

t.test('a tone is an event in whichever law of G.711 it comes', async (t) => {
  for (const law of [0, 8] as const) {
    const bob = { codecs: [...BOTH_LAWS.codecs, '101 telephone-event/8000'] }
    const all = await talking(t, { alice: BOTH_LAWS, bob })
    await plays(all, '7', 100, law)
    await plays(all, null, 100, law)
    await all.clock.advance(1000)
    t.same(
      eventsOf(all.bob.audio).map(([key]) => key),
      ['7'],
      `payload type ${law}`,
    )
    await ends(t, all)
  }
})

t.test('a tone stays a tone where nobody knows events, and where both do', async (t) => {
  for (const setup of [NO_EVENTS, EVENTS]) {
    const all = await talking(t, { alice: setup, bob: setup })
    await plays(all, '7', 100)
    await plays(all, null, 100)
    t.equal(tonesOf(all.bob.audio), '7')
    t.same(eventsOf(all.bob.audio), [])
    await ends(t, all)
  }
})

t.test('who presses keys by INFO is told them so', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: NO_EVENTS })
  const { alice, bob } = all
  presses(bob, '1')
  await bob.sees('200 INFO')
  await all.clock.advance(1000)
  t.same(
    eventsOf(alice.audio).map(([key]) => key),
    ['1'],
  )
  await sendsEvent(all, '8')
  const info = await bob.seesRequest('INFO')
  t.match(bodyOf(info), /^Signal=8\r\nDuration=100\r\n$/)
  bob.answersTo(info, 200)
  await all.clock.advance(1000)
  t.equal(tonesOf(bob.audio), '', 'and not as a tone, too')
  await ends(t, all)
})

t.test('a phone that presses each key twice, by event and INFO, has pressed it once', async (t) => {
  const all = await talking(t, { alice: EVENTS, bob: EVENTS })
  await sendsEvent(all, '3')
  presses(all.alice, '3')
  await all.alice.sees('200 INFO')
  await all.clock.advance(1000)
  t.same(
    eventsOf(all.bob.audio).map(([key]) => key),
    ['3'],
  )
  await ends(t, all)
})

t.test('an INFO that presses no key is carried', async (t) => {
  const all = await talking(t)
  all.alice.asks('INFO', { type: 'application/x-other', sdp: 'Signal=5' })
  const info = await all.bob.seesRequest('INFO')
  t.equal(bodyOf(info), 'Signal=5')
  all.bob.answersTo(info, 200)
  await all.alice.sees('200 INFO')
  await ends(t, all)
})

function presses(phone: VirtualPhone, key: string, duration: number | null = null): void {
  const type = duration === null ? PLAIN : 'application/dtmf-relay'
  const body = duration === null ? key : `Signal=${key}\r\nDuration=${duration}\r\n`
  phone.asks('INFO', { type, sdp: body })
}

/** Alice presses a key as events of 100 ms. */
async function sendsEvent({ alice, clock }: TwoPhones, key: string): Promise<void> {
  const code = '0123456789*#'.indexOf(key)
  const began = alice.audio.timestamp
  for (let step = 1; step <= 7; step++) {
    const end = step >= 5
    const duration = 160 * Math.min(step, 5)
    const payload = String.fromCharCode(code, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff)
    alice.says(payload, 101, began)
    await clock.advance(20)
  }
}

/** Alice sends a key's tone, or silence, as sound. */
async function plays(
  { alice, clock }: TwoPhones,
  key: '1' | '7' | 'D' | null,
  duration: number,
  law: 0 | 8 = 0,
): Promise<void> {
  const tone = key === null ? null : dtmfTone(key, duration)
  const pcm = new Int16Array(160)
  const octets = new Uint8Array(160)
  for (let at = 0; at < duration; at += 20) {
    pcm.fill(0)
    tone?.read(pcm)
    const { encode } = (law === 0 ? pcmu : pcma).encoder()
    encode(pcm, octets)
    alice.says(Buffer.from(octets).toString('latin1'), law)
    await clock.advance(20)
  }
}

function eventsOf({ heard }: PhoneMedia): (readonly [string, number])[] {
  const keys: (readonly [string, number])[] = []
  const receiver = new EventReceiver({ started() {}, ended: (digit, duration) => keys.push([digit, duration]) })
  let now = 0
  for (const { payloadType, timestamp, words } of heard) {
    if (payloadType !== 101) continue
    const payload = Buffer.from(words, 'latin1')
    now += 20
    receiver.take(timestamp, payload, 0, payload.length, 8000, now)
  }
  receiver.tick(now + 1000)
  return keys
}

function soundOf({ heard }: PhoneMedia): Int16Array {
  const octets = Buffer.concat(
    heard.filter((each) => each.payloadType === 0).map(({ words }) => Buffer.from(words, 'latin1')),
  )
  const samples = new Int16Array(octets.length)
  pcmu.decoder().decode(octets, samples)
  return samples
}

function tonesOf(audio: PhoneMedia): string {
  const sound = soundOf(audio)
  const detector = new DtmfDetector()
  let keys = ''
  for (let at = 0, count = 0; at < sound.length; at += 80) {
    const key = detector.take(sound.subarray(at, at + 80))
    if (detector.count > count) keys += key ?? ''
    count = detector.count
  }
  return keys
}

async function ends(
  t: Parameters<TwoPhones['nothingIsLeft']>[0],
  { alice, bob, nothingIsLeft }: TwoPhones,
): Promise<void> {
  await alice.hangsUp()
  await bob.isHungUpOn()
  await nothingIsLeft(t)
}
