import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Codec, Encoder } from '../../src/codecs/codec.ts'
import { opus, type RecoveringDecoder } from '../../src/codecs/opus/opus.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { carriesPrevious } from '../../src/codecs/opus/opusPacket.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { codecContract } from '../contracts/codec.ts'
import { conceals } from '../contracts/concealingDecoder.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { packetsOf } from './packets.ts'
import { voice } from './voice.ts'

const plain = opusSettings(null)
const support = await loadOpus()
if ('missing' in support) t.test('Opus', { skip: support.missing }, async () => {})
else tests(support.fec)

function tests(fec: boolean): void {
  // What libopus delays at both ends, samples.
  codecContract(opus(8000, plain), { snr: 15, delay: 52 })
  codecContract(opus(16_000, plain), { snr: 15, delay: 104 })
  codecContract(opus(48_000, plain), { snr: 20, delay: 309 })

  for (const rate of [8000, 12_000, 16_000, 24_000, 48_000]) {
    t.test(`what FFmpeg encoded at 48 kHz is decoded at ${rate} Hz`, async (t) => {
      const back = decoded(rate, packetsOf('voice.opus'))
      const { likeness, lag } = alike(voice(rate, 1.6), back, rate / 50)
      t.ok(likeness > 0.9, `${likeness.toFixed(3)} alike`)
      const delay = (1000 * lag) / rate
      t.ok(delay > 5 && delay < 8, `the encoder's 6.5 ms and what it took to change the rate: ${delay.toFixed(2)}`)
    })
  }

  t.test('a stereo packet is decoded to what both channels are together', async (t) => {
    const both = decoded(48_000, packetsOf('stereo.opus'))
    const { likeness, lag } = alike(voice(48_000, 0.5), both, 960)
    t.ok(likeness > 0.9, `${likeness.toFixed(3)} alike`)
    const ratio = rms(both.subarray(lag)) / rms(voice(48_000, 0.5))
    t.ok(ratio > 0.4 && ratio < 0.6, `one of two channels is silent: ${ratio.toFixed(2)}`)
  })

  t.test('frames of 10, 20, 40 and 60 ms, and no others', async (t) => {
    for (const rate of [8000, 16_000, 48_000]) {
      const codec = opus(rate, plain)
      const out = new Int16Array(rate)
      for (const length of [10, 20, 40, 60]) {
        const samples = (rate * length) / 1000
        const payload = new Uint8Array(1275)
        const octets = codec.encoder().encode(voice(rate, 0.1).subarray(0, samples), payload)
        t.equal(codec.decoder().decode(payload.subarray(0, octets), out), samples, `${length} ms at ${rate} Hz`)
      }
      for (const samples of [0, 1, rate / 400, rate / 50 - 1, (3 * rate) / 100, rate / 10]) {
        t.throws(() => codec.encoder().encode(new Int16Array(samples), new Uint8Array(1275)), RangeError)
      }
    }
    t.throws(() => opus(44_100, plain), RangeError)
  })

  t.test('the encoder obeys the peer', async (t) => {
    const rateOf = (fmtp: string) => {
      const packets = encoded(opus(48_000, opusSettings(fmtp)), voice(48_000, 1.6))
      const sizes = packets.map(({ length }) => length)
      return { bits: (8 * sizes.reduce((sum, size) => sum + size, 0)) / 1.6, sizes: new Set(sizes.slice(1)), packets }
    }
    t.ok(rateOf('maxaveragebitrate=12000').bits < 14_000)
    t.ok(rateOf('').bits > 20_000)
    t.equal(rateOf('cbr=1').sizes.size, 1)
    t.ok(rateOf('cbr=0').sizes.size > 1)
    const configurations = rateOf('maxplaybackrate=8000').packets.map(([toc = 0]) => toc >> 3)
    t.ok(
      configurations.every((configuration) => configuration < 4 || configuration >> 2 === 4),
      'narrow-band alone',
    )
  })

  t.test('the encoder repeats what the peer makes use of, and only then', async (t) => {
    for (const rate of [8000, 16_000, 48_000]) {
      const repeating = (fmtp: string) =>
        encoded(opus(rate, opusSettings(fmtp)), voice(rate, 1.6)).filter(carriesPrevious).length
      t.ok(repeating('useinbandfec=1') > 40, `${repeating('useinbandfec=1')} of 80 at ${rate} Hz`)
      t.equal(repeating('useinbandfec=0'), 0)
    }
  })

  t.test('DTX: nothing is sent while nothing is said, if the peer wants it so', async (t) => {
    const sound = new Int16Array(16_000 * 2)
    sound.set(voice(16_000, 0.3))
    const sent = (fmtp: string) => encoded(opus(16_000, opusSettings(fmtp)), sound).filter(({ length }) => length > 0)
    t.equal(sent('usedtx=0').length, 100)
    t.ok(sent('usedtx=1').length < 50, `${sent('usedtx=1').length} of 100`)
  })

  t.test('concealment goes on like what was heard, and is taken up without a click', async (t) => {
    const packets = packetsOf('voice.opus')
    for (const rate of [8000, 16_000, 48_000]) {
      const frame = rate / 50
      const whole = decoded(rate, packets)
      const decoder = decoderOf(rate)
      const out = new Int16Array(frame)
      const back = new Int16Array(whole.length)
      packets.forEach((packet, nth) => {
        if (nth % 10 === 9) decoder.conceal(out)
        else decoder.decode(packet, out)
        back.set(out, nth * frame)
      })
      const { likeness, lag } = alike(whole, back, frame)
      t.equal(lag, 0, 'nothing moves')
      t.ok(likeness > 0.9, `${likeness.toFixed(3)} alike at ${rate} Hz`)
    }
  })

  t.test('concealment is gone after 200 ms, and what comes then rises from nothing', async (t) => {
    const packets = packetsOf('voice.opus').slice(2, 12)
    const decoder = decoderOf(16_000)
    const out = new Int16Array(320)
    for (const packet of packets) decoder.decode(packet, out)
    for (let count = 0; count < 10; count++) decoder.conceal(out)
    decoder.conceal(out)
    t.notOk(out.some(Boolean), 'silence from 200 ms on')
    const always = decoderOf(16_000)
    const whole = new Int16Array(320)
    for (const packet of packets) always.decode(packet, whole)
    const [next = new Uint8Array(0)] = packets
    decoder.decode(next, out)
    t.ok(
      out.subarray(0, 4).every((sample) => Math.abs(sample) < 0.1 * Math.max(...whole)),
      'no click',
    )
    t.ok(rms(out.subarray(80)) > 100, 'heard again after 5 ms')
  })

  t.test('what a packet repeats is recovered', { skip: !fec && 'libopus-wasm is not there' }, async (t) => {
    const packets = packetsOf('voice.opus')
    for (const rate of [8000, 16_000, 48_000]) {
      // By then decoders that can recover are ready again: the tests before had them all.
      await nextTurn()
      const frame = rate / 50
      const whole = decoded(rate, packets)
      const [recovering, concealing] = [decoderOf(rate), decoderOf(rate)]
      const out = new Int16Array(frame)
      const found: { recovered: number[]; concealed: number[]; said: number[] } = {
        recovered: [],
        concealed: [],
        said: [],
      }
      packets.forEach((packet, nth) => {
        const next = packets[nth + 1]
        // Lost is every fifth of which the next packet knows.
        if (nth % 5 !== 4 || next === undefined || recovering.recover(next, out) === 0) {
          recovering.decode(packet, out)
          concealing.decode(packet, out)
          return
        }
        found.recovered.push(...out)
        concealing.conceal(out)
        found.concealed.push(...out)
        found.said.push(...whole.subarray(nth * frame, (nth + 1) * frame))
      })
      t.ok(found.said.length >= 5 * frame, `${found.said.length / frame} packets`)
      const recovered = likenessOf(found.said, found.recovered)
      const concealed = likenessOf(found.said, found.concealed)
      t.ok(recovered > 0.9 && recovered > concealed, `${recovered.toFixed(3)}, concealed ${concealed.toFixed(3)}`)
    }
    t.equal(decoderOf(48_000).recover(packetsOf('stereo.opus')[3] ?? new Uint8Array(0), new Int16Array(960)), 0)
    t.equal(decoderOf(48_000).recover(new Uint8Array(0), new Int16Array(960)), 0)
  })

  t.test('broken packets are lost packets, and harm nothing', async (t) => {
    const packets = [...packetsOf('voice.opus'), ...packetsOf('stereo.opus')]
    const random = seededRandom(48)
    const decoder = decoderOf(16_000)
    const out = new Int16Array(1920)
    let refused = 0
    for (let count = 0; count < 5000; count++) {
      const packet = mutated(packets[random.integer(packets.length)] ?? new Uint8Array(0), random)
      if (count % 10 === 0) decoder.conceal(out.subarray(0, 320))
      if (count % 10 === 1) decoder.recover(packet, out.subarray(0, 320))
      const samples = decoder.decode(packet, out)
      if (samples === 0) refused++
      else if (samples % 40 !== 0 || samples > 1920) t.fail(`${samples} samples`)
    }
    t.ok(refused > 100 && refused < 4000, `${refused} of 5000`)
    t.equal(decoder.decode(packets[20] ?? new Uint8Array(0), out), 320, 'the next good one is decoded')
  })

  t.test('a crowd of decoders in one turn: all decode, whichever library each has', async (t) => {
    const [, , , packet = new Uint8Array(0)] = packetsOf('voice.opus')
    const out = new Int16Array(160)
    const crowd = Array.from({ length: 30 }, () => decoderOf(8000))
    for (const decoder of crowd) {
      if (decoder.decode(packet, out) !== 160) t.fail('a packet was refused')
      decoder.conceal(out)
    }
    t.equal(new Set(crowd).size, 30)
  })
}

function decoderOf(rate: number): RecoveringDecoder {
  const decoder = opus(rate, plain).decoder()
  if (!conceals(decoder) || !recovers(decoder)) throw new Error('Opus conceals and recovers')
  return decoder
}

function recovers(decoder: object): decoder is RecoveringDecoder {
  return 'recover' in decoder
}

function decoded(rate: number, packets: readonly Uint8Array[]): Int16Array {
  const decoder = decoderOf(rate)
  const back = new Int16Array((packets.length * rate) / 50)
  let written = 0
  for (const packet of packets) written += decoder.decode(packet, back.subarray(written))
  return back.subarray(0, written)
}

/** A packet for each 20 ms; empty where nothing is to be sent. */
function encoded({ spec, encoder }: Codec, sound: Int16Array): Uint8Array[] {
  const frame = spec.sampleRate / 50
  const one: Encoder = encoder()
  const out = new Uint8Array(1275)
  return Array.from({ length: Math.floor(sound.length / frame) }, (_, nth) =>
    out.slice(0, one.encode(sound.subarray(nth * frame, (nth + 1) * frame), out)),
  )
}

/** How alike `back` is to `sound` (its correlation) where it is most so, up to `most` samples later. */
function alike(sound: Int16Array, back: Int16Array, most: number): { likeness: number; lag: number } {
  let best = { likeness: -1, lag: 0 }
  for (let lag = 0; lag <= most; lag += most > 500 ? 3 : 1) {
    const likeness = likenessOf(sound, back.subarray(lag))
    if (likeness > best.likeness) best = { likeness, lag }
  }
  return best
}

function likenessOf(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let [product, a, b] = [0, 0, 0]
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [x, y] = [one[at] ?? 0, other[at] ?? 0]
    product += x * y
    a += x * x
    b += y * y
  }
  return product / Math.sqrt(a * b)
}

function rms(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length)
}

/** Some octets changed, the end cut off, another kind of packet, or nothing but chance. */
function mutated(packet: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const changed = packet.slice()
  switch (random.integer(4)) {
    case 0:
      for (let left = 1 + random.integer(8); left > 0; left--)
        changed[random.integer(changed.length)] = random.integer(256)
      return changed
    case 1:
      return changed.subarray(0, random.integer(changed.length))
    case 2:
      changed[0] = random.integer(256)
      return changed
    default:
      return random.bytes(random.integer(200))
  }
}
