import t from 'tap'
import { pcmu } from '../../src/codecs/g711.ts'
import type { MediaEvent } from '../../src/media/engine.ts'
import { fields } from '../rtp/rtpBytes.ts'
import { dominantFrequency } from '../support/audio.ts'
import { type MakeBench, talk } from './engineScene.ts'
import type { RtpPhone } from './rtpPhone.ts'

const TONE = { kind: 'tone', hz: 1000, level: -10 } as const
const PCMA = { codec: 'pcma/8000/1', receive: 8, send: 8, fmtp: null }

/** What every media engine does with sound: plays, presses keys, mixes, transcodes. */
export function engineSoundContract(name: string, make: MakeBench): void {
  t.test(`${name} makes sound`, async (t) => {
    t.test('a tone is played in the place of the link, to its end', async (t) => {
      const { alice, bob, call, bench, events } = await talk(t, make)
      bench.engine.play('tone', 'a', { ...TONE, duration: 1000 })
      await bench.until(() => alice.heard.length >= 5, 'the tone')
      bob.says('unheard', call.b)
      await bench.until(() => events.some(isFinished('tone')), 'its end')
      t.notOk(alice.words.includes('unheard'))
      const packets = alice.heard.map(fields)
      t.equal(dominantFrequency(soundOf(alice)), 1000)
      t.ok(packets.length >= 49 && packets.length <= 51, `${packets.length} packets`)
      t.same([packets[0]?.marker, packets[1]?.marker], [true, false], 'a talk spurt begins')
      t.same(gapsOf(packets), new Array(packets.length - 1).fill('1 160'))
      bob.says('back', call.b)
      await bench.until(() => alice.words.includes('back'), 'the link')
    })

    t.test('what is played is stopped, replaced, and ended with its leg', async (t) => {
      const { alice, bench, events } = await talk(t, make)
      bench.engine.play('first', 'a', { ...TONE, duration: null })
      bench.engine.play('second', 'a', { kind: 'progress', progress: 'ringback', country: 'de' })
      await bench.until(() => events.some(isFinished('first')), 'the end of the first')
      bench.engine.stop('second')
      await bench.until(() => events.some(isFinished('second')), 'the end of the second')
      bench.engine.play('third', 'a', { kind: 'progress', progress: 'busy', country: 'nowhere' })
      await bench.until(() => events.some(isFinished('third')), 'that there is no such country')
      bench.engine.play('fourth', 'a', { ...TONE, duration: null })
      await bench.until(() => alice.heard.length > 20, 'the fourth')
      bench.engine.stop('never begun')
    })

    t.test('keys are pressed as events where the peer knows them', async (t) => {
      const { alice, bench } = await talk(t, make)
      bench.engine.sendDtmf('a', '7#', 80)
      await bench.until(() => alice.heard.filter(isLastOfKey).length >= 6, 'both keys, told to their end')
      const packets = alice.heard.map(fields)
      t.ok(packets.every(({ type }) => type === 101))
      t.same([...new Set(packets.map(({ payload }) => payload[0]))], [7, 11])
      t.equal(new Set(packets.map(({ timestamp }) => timestamp)).size, 2, 'an event is known by its time')
    })

    t.test('keys are tones to who knows none', async (t) => {
      const { alice, bench, obeyed } = await talk(t, make)
      bench.engine.update('a', alice.sdp({ formats: alice.sdp().formats.slice(0, 1) }))
      await obeyed()
      bench.engine.sendDtmf('a', '1', 200)
      await bench.until(() => alice.heard.length >= 10, 'the tone')
      t.ok(alice.heard.map(fields).every(({ type }) => type === 0))
      t.ok([695, 700, 1210].includes(dominantFrequency(soundOf(alice)) ?? 0))
    })

    t.test('a key that the peer presses is told when it is let go, once', async (t) => {
      const { alice, call, bench, events } = await talk(t, make)
      for (let step = 1; step <= 5; step++) {
        const end = step >= 3 ? 0x80 : 0
        const duration = 160 * Math.min(step, 3)
        const payload = String.fromCharCode(9, end | 10, duration >> 8) + String.fromCharCode(duration & 0x7f)
        alice.says(payload, call.a, { type: 101, timestamp: 8000, marker: step === 1 })
      }
      await bench.until(() => events.some(({ type }) => type === 'dtmf'), 'the key')
      t.match(
        events.filter(({ type }) => type === 'dtmf'),
        [{ leg: 'a', digit: '9' }],
      )
    })

    t.test('phones of the two laws of G.711 hear each other by a table', async (t) => {
      const { alice, bob, call, bench, obeyed } = await talk(t, make)
      bench.engine.update('b', bob.sdp({ formats: [PCMA] }))
      await obeyed()
      alice.says('\xff\x7f', call.a)
      await bench.until(() => bob.heard.length > 0, 'a word')
      const [heard] = bob.heard.map(fields)
      t.equal(heard?.type, 8)
      t.same([...(heard?.payload ?? [])].slice(0, 1), [0xd5], 'silence is silence')
      t.match(await bench.engine.stats('a'), { playout: null }, 'without a buffer')
    })

    t.test('in a room each hears the others', async (t) => {
      const { alice, bob, bench } = await talk(t, make)
      bench.engine.mix('room', 'a')
      bench.engine.mix('room', 'b')
      await bench.until(() => alice.heard.length > 10 && bob.heard.length > 10, 'the room')
      t.ok(alice.heard.map(fields).every(({ type }) => type === 0))
      bench.engine.unmix('a')
      bench.engine.link('again', 'a', 'b')
    })
  })
}

function isFinished(id: string) {
  return (event: MediaEvent): boolean => event.type === 'finished' && event.id === id
}

function isLastOfKey(packet: Uint8Array): boolean {
  const { type, payload } = fields(packet)
  return type === 101 && ((payload[1] ?? 0) & 0x80) !== 0
}

function soundOf({ heard }: RtpPhone) {
  const octets = Buffer.concat(heard.map((packet) => fields(packet).payload))
  const samples = new Int16Array(octets.length)
  pcmu.decoder().decode(octets, samples)
  return { rate: 8000, samples }
}

/** From each packet to the next, in sequence numbers and timestamp. */
function gapsOf(packets: readonly { readonly sequence: number; readonly timestamp: number }[]): string[] {
  return packets.slice(1).map(({ sequence, timestamp }, at) => {
    const before = packets[at] ?? { sequence: 0, timestamp: 0 }
    return `${(sequence - before.sequence) & 0xffff} ${(timestamp - before.timestamp) | 0}`
  })
}
