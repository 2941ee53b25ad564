import t, { type Test } from 'tap'
import { type Digit, digitOf } from '../../src/codecs/tones/dtmf.ts'
import { DtmfDetector } from '../../src/codecs/tones/dtmfDetector.ts'
import { dtmfTone } from '../../src/codecs/tones/tones.ts'
import { until } from '../support/deadline.ts'
import type { Baresip } from '../support/phones/baresip.ts'
import { startRtpEnd } from '../support/phones/rtpEnd.ts'
import { pressesByInfo, receive, receiveRequest, responds } from '../support/phones/sippScenario.ts'
import { unless } from '../support/tools.ts'
import { connect } from './conversation.ts'
import { scene } from './people.ts'
import { sippCalls } from './sippCaller.ts'

const PCMU = { codecs: 'PCMU' } as const
const OPUS = { codecs: 'opus/48000/2', sampleRate: 48000, channels: 2 } as const

/** Behind the last key so many packets are awaited: had it been told twice, the second would have come by then. */
const BEHIND = 25
const SILENCE = new Int16Array(BEHIND * 160)

for (const [way, caller, callee] of [
  ['as they are', PCMU, PCMU],
  ['beside sound that is transcoded', PCMU, OPUS],
] as const) {
  t.test(`events are events, ${way}`, { skip: unless('baresip') }, async (t) => {
    const people = await scene(t)
    const alice = await people.baresip('101', { tone: 440, ...caller })
    const bob = await people.baresip('102', { tone: 880, ...callee })
    await connect(alice, bob, '102')
    await presses(alice, '15#', bob)
    await presses(bob, '099*', alice)
    await heardOnce(t, bob, '15#')
    await heardOnce(t, alice, '099*')
    await alice.hangsUp()
    await bob.ends()
  })
}

t.test('events of another clock rate are events', { skip: unless('baresip', 'linphonec') }, async (t) => {
  const people = await scene(t)
  const alice = await people.linphone('101', { tone: 440, codec: 'opus' })
  const bob = await people.baresip('102', { tone: 880, ...PCMU })
  await connect(alice, bob, '102')
  t.match(await alice.sees('200 INVITE'), / telephone-event\/48000\r$/m)
  for (const key of '27#') {
    await alice.presses(key)
    await bob.hearsKeys(bob.keys().length + 1)
  }
  for (const key of '*4') {
    await bob.presses(key)
    t.equal(await alice.hearsKey(), key)
  }
  await heardOnce(t, bob, '27#')
  await alice.hangsUp()
  await bob.ends()
})

t.test('keys by INFO are events', { skip: unless('baresip', 'linphonec') }, async (t) => {
  const people = await scene(t)
  const alice = await people.linphone('101', { tone: 440, sip: ['use_info=1', 'use_rfc2833=0'] })
  const bob = await people.baresip('102', { tone: 880, ...OPUS })
  await connect(alice, bob, '102')
  for (const key of '3#') {
    await alice.presses(key)
    await bob.hearsKeys(bob.keys().length + 1)
  }
  t.match(await alice.sends('INFO'), /^Signal=3\r$/m, 'that is how linphone says it')
  await heardOnce(t, bob, '3#')
  t.notMatch(bob.output(), /received DTMF/, 'and not by INFO, too')
  await alice.hangsUp()
  await bob.ends()
})

for (const [codec, callee] of [
  ['PCMU', PCMU],
  ['opus', OPUS],
] as const) {
  t.test(
    `tones in PCMU are events beside ${codec}, and events tones`,
    { skip: unless('baresip', 'sipp') },
    async (t) => {
      const people = await scene(t)
      const rtp = await startRtpEnd()
      t.teardown(() => rtp.stop())
      const bob = await people.baresip('102', { tone: 880, ...callee })
      const alice = await sippCalls(people, bob, rtp.port)
      await rtp.plays(tonesFor('159#'))
      await bob.hearsKeys(4)
      for (const count of [1, 2]) {
        await bob.presses('7')
        await until(8000, 'the tone of a key', () => tonesOf(rtp.heard()).length >= count || undefined)
      }
      await rtp.plays(SILENCE)
      t.equal(bob.keys(), '159#', 'each key once')
      await bob.hangsUp()
      t.match(await alice.finish(), { problem: '', successful: 1 })
      t.equal(tonesOf(rtp.heard()), '77')
      t.notOk(rtp.payloadTypes().has(101), 'no events to who did not ask for them')
    },
  )
}

t.test('events are told by INFO to who presses so', { skip: unless('baresip', 'sipp') }, async (t) => {
  const people = await scene(t)
  const rtp = await startRtpEnd()
  t.teardown(() => rtp.stop())
  const bob = await people.baresip('102', { tone: 880, ...OPUS })
  const told = (key: string) => [receiveRequest('INFO', `Signal=${key}`), responds(200, 'OK')]
  const alice = await sippCalls(people, bob, rtp.port, pressesByInfo('1'), receive(200), told('8'), told('#'))
  await bob.hearsKeys(1)
  for (const key of '8#') {
    await bob.presses(key)
    await rtp.plays(SILENCE)
  }
  t.equal(bob.keys(), '1', 'each key once')
  await bob.hangsUp()
  t.match(await alice.finish(), { problem: '', successful: 1 }, 'each once, or SIPp would have failed')
  t.equal(tonesOf(rtp.heard()), '', 'and not as tones, too')
})

/** `from` presses one key after the other, the next when `to` has heard the one before. */
async function presses(from: Baresip, keys: string, to: Baresip): Promise<void> {
  for (const key of keys) {
    const before = to.keys().length
    await from.presses(key)
    await to.hearsKeys(before + 1)
  }
}

async function heardOnce(t: Test, phone: Baresip, keys: string): Promise<void> {
  await phone.receives(BEHIND)
  t.equal(phone.keys(), keys, 'each key once')
}

/** The tones of `keys` at 8000 Hz, 100 ms each and as much silence before each and behind all. */
function tonesFor(keys: string): Int16Array {
  const sound = new Int16Array(800 * (2 * keys.length + 1))
  for (const [i, key] of [...keys].entries()) {
    const digit = digitOf(key)
    if (digit !== null) dtmfTone(digit, 100).read(sound.subarray(800 * (2 * i + 1), 800 * (2 * i + 2)))
  }
  return sound
}

/** The keys whose tones are in `sound`. */
function tonesOf(sound: Int16Array): string {
  const detector = new DtmfDetector(8000)
  const found: Digit[] = []
  for (let at = 0; at < sound.length; at += 80) {
    const count = detector.count
    const digit = detector.take(sound.subarray(at, at + 80))
    if (digit !== null && detector.count !== count) found.push(digit)
  }
  return found.join('')
}
