import t from 'tap'
import type { Codec, ConcealingDecoder, Decoder } from '../../src/codecs/codec.ts'

/** Samples beside a buffer's own, which nobody may write to. */
const GUARD = 8

/** Whether a decoder fills in for what never came. */
export function conceals(decoder: Decoder): decoder is ConcealingDecoder {
  return 'conceal' in decoder
}

/** What every decoder does that conceals. Of silences of 10, 20 and 60 ms, for decoders may work by frames. */
export function concealmentContract(codec: Codec): void {
  const { name, sampleRate, channels, ptime } = codec.spec
  const frame = (sampleRate * channels * ptime) / 1000
  t.test(`${name} at ${sampleRate} Hz conceals by contract`, async (t) => {
    t.test('before anything was heard there is silence', async (t) => {
      const out = new Int16Array(3 * frame).fill(0x1eee)
      concealing(codec, 0).conceal(out)
      t.ok(out.every((sample) => Math.abs(sample) <= 8))
    })

    t.test('a gap in a tone goes on about as loud, and nothing else is written', async (t) => {
      for (const length of [frame / 2, frame, 3 * frame]) {
        const out = new Int16Array(length + GUARD).fill(0x1eee)
        concealing(codec, 20).conceal(out.subarray(0, length))
        const loud = rms(out.subarray(0, length))
        t.ok(loud > 3000 && loud < 12_000, `${loud.toFixed()} of 7327 in ${length} samples`)
        t.ok(out.subarray(length).every((sample) => sample === 0x1eee))
      }
    })

    t.test('cut in another way it is still without a click', async (t) => {
      const decoder = concealing(codec, 20)
      const out = new Int16Array(3 * frame)
      for (let at = 0; at < out.length; at += frame / 4) decoder.conceal(out.subarray(at, at + frame / 4))
      const steepest = (of: Int16Array) =>
        Math.max(...of.slice(1).map((sample, at) => Math.abs(sample - (of[at] ?? 0))))
      t.ok(steepest(out) < 1.5 * steepest(tone(codec, frame)), `${steepest(out)}`)
    })

    t.test('much of it fades to silence, and what comes then is heard', async (t) => {
      const decoder = concealing(codec, 20)
      const out = new Int16Array(frame)
      for (let count = 0; count < 50; count++) decoder.conceal(out)
      t.ok(rms(out) < 20, `${rms(out)} after a second`)
      const encoder = codec.encoder()
      const payload = new Uint8Array(2 * frame)
      for (let count = 0; count < 4; count++) {
        decoder.decode(payload.subarray(0, encoder.encode(tone(codec, frame, count * frame), payload)), out)
      }
      t.ok(rms(out) > 3000, `${rms(out).toFixed()}`)
    })
  })
}

/** A decoder that has heard so many frames of a tone. */
function concealing(codec: Codec, frames: number): ConcealingDecoder {
  const { sampleRate, channels, ptime } = codec.spec
  const frame = (sampleRate * channels * ptime) / 1000
  const [encoder, decoder] = [codec.encoder(), codec.decoder()]
  if (!conceals(decoder)) throw new Error(`${codec.spec.name} does not conceal`)
  const [payload, out] = [new Uint8Array(2 * frame), new Int16Array(frame)]
  for (let count = 0; count < frames; count++) {
    const octets = encoder.encode(tone(codec, frame, count * frame), payload)
    decoder.decode(payload.subarray(0, octets), out)
  }
  return decoder
}

/** 500 Hz at -10 dBFS, from sample `from` on. */
function tone({ spec }: Codec, samples: number, from = 0): Int16Array {
  const peak = 32_767 * 10 ** (-10 / 20)
  return Int16Array.from({ length: samples }, (_, at) =>
    Math.round(peak * Math.sin((2 * Math.PI * 500 * (from + at)) / spec.sampleRate)),
  )
}

function rms(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length)
}
