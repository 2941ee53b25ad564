import t from 'tap'
import type { Codec } from '../../src/codecs/codec.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { concealmentContract, conceals } from './concealingDecoder.ts'

/** Octets or samples beside a buffer's own, which nobody may write to. */
const GUARD = 8

/** What every codec does. `snr`: what is left of a tone at -10 dBFS by way of it, dB; `delay`: samples that it comes late. */
export function codecContract(codec: Codec, { snr, delay = 0 }: { snr: number; delay?: number }): void {
  const { name, sampleRate, channels, ptime } = codec.spec
  const frame = (sampleRate * channels * ptime) / 1000
  if (conceals(codec.decoder())) concealmentContract(codec)
  t.test(`${name} at ${sampleRate} Hz keeps the codec's contract`, async (t) => {
    t.test('a tone comes back as it was', async (t) => {
      const sound = tone(sampleRate, 50 * frame)
      const back = through(codec, sound, frame)
      t.equal(back.length, sound.length)
      t.ok(snrOf(sound, back, delay) > snr, `${snrOf(sound, back, delay).toFixed(1)} dB`)
    })

    t.test('silence stays silence', async (t) => {
      const back = through(codec, new Int16Array(10 * frame), frame)
      t.ok(Math.max(...back.map(Math.abs)) <= 8)
    })

    t.test('streams do not hear of each other', async (t) => {
      const [one, other] = [tone(sampleRate, frame), tone(sampleRate, frame, 1234)]
      const alone = new Uint8Array(2 * frame)
      const count = codec.encoder().encode(one, alone)
      const [first, second] = [codec.encoder(), codec.encoder()]
      second.encode(other, new Uint8Array(2 * frame))
      const beside = new Uint8Array(2 * frame)
      t.equal(first.encode(one, beside), count)
      t.same(beside, alone)
    })

    t.test('nothing is written but what is said', async (t) => {
      const encoded = new Uint8Array(2 * frame + GUARD).fill(0xee)
      const octets = codec.encoder().encode(tone(sampleRate, frame), encoded)
      t.ok(encoded.subarray(octets).every((octet) => octet === 0xee))
      const decoded = new Int16Array(frame + GUARD).fill(0x1eee)
      const samples = codec.decoder().decode(encoded.subarray(0, octets), decoded)
      t.equal(samples, frame)
      t.ok(decoded.subarray(samples).every((sample) => sample === 0x1eee))
    })

    t.test('what there is no room for is left out', async (t) => {
      const encoded = new Uint8Array(2 * frame)
      const octets = codec.encoder().encode(tone(sampleRate, frame), encoded)
      const small = new Int16Array(frame / 2)
      t.equal(codec.decoder().decode(encoded.subarray(0, octets), small), frame / 2)
    })

    t.test('any octets can be decoded', async (t) => {
      const random = seededRandom(711)
      const decoder = codec.decoder()
      const out = new Int16Array(4 * frame)
      for (let count = 0; count < 200; count++) {
        const payload = random.bytes(random.integer(frame + 1))
        const samples = decoder.decode(payload, out)
        if (!(samples >= 0 && samples <= out.length)) t.fail(`${samples} samples of ${payload.length} octets`)
      }
      t.equal(decoder.decode(new Uint8Array(0), out), 0)
    })
  })
}

/** A sine of `hertz` at -10 dBFS. */
function tone(sampleRate: number, samples: number, hertz = 1000): Int16Array {
  const peak = 32_767 * 10 ** (-10 / 20)
  return Int16Array.from({ length: samples }, (_, at) => peak * Math.sin((2 * Math.PI * hertz * at) / sampleRate))
}

function through(codec: Codec, sound: Int16Array, frame: number): Int16Array {
  const [encoder, decoder] = [codec.encoder(), codec.decoder()]
  const back = new Int16Array(sound.length)
  const payload = new Uint8Array(2 * frame)
  let written = 0
  for (let at = 0; at < sound.length; at += frame) {
    const octets = encoder.encode(sound.subarray(at, at + frame), payload)
    written += decoder.decode(payload.subarray(0, octets), back.subarray(written))
  }
  return back.subarray(0, written)
}

/** Of `back` against `sound` that comes `delay` samples earlier, dB; its beginning, where filters settle, left out. */
function snrOf(sound: Int16Array, back: Int16Array, delay: number): number {
  let [signal, noise] = [0, 0]
  for (let at = delay + 200; at < back.length; at++) {
    const wanted = sound[at - delay] ?? 0
    signal += wanted ** 2
    noise += ((back[at] ?? 0) - wanted) ** 2
  }
  return 10 * Math.log10(signal / noise)
}
