import type { Codec } from '../src/codecs/codec.ts'
import { pcma, pcmu } from '../src/codecs/g711.ts'
import { g722 } from '../src/codecs/g722/g722.ts'
import { Resampler } from '../src/codecs/resample.ts'
import { readWav, type Sound, writeWav } from '../test/support/audio.ts'
import { heard, lossOf, lossPattern } from '../test/support/loss.ts'
import { spectralDistance } from '../test/support/spectralDistance.ts'
import { seededRandom } from '../test/support/virtual/random.ts'

const codecs: Readonly<Record<string, Codec>> = { pcmu, pcma, g722 }

/** What is to be lost of what. */
export interface PlcOptions {
  /** Mono, 16 bits, 8 or 16 kHz. */
  readonly wav?: string | undefined
  /** Share of the packets, and how many in a row on average. */
  readonly loss: number
  readonly burst: number
  readonly seed: number
  readonly codec: string
  /** Where to write what is heard. */
  readonly out?: string | undefined
}

/**
 * Loses packets of a recording, writes what is heard of it, and says how far that is from what is heard without loss, beside
 * what silence and repeating the last packet come to. Null: the options make no sense.
 */
export function benchPlc(options: PlcOptions): { report: object; text: string } | null {
  const { wav, loss, burst, seed, out } = options
  const codec = Object.hasOwn(codecs, options.codec) ? codecs[options.codec] : undefined
  if (!codec || !wav || !(loss > 0 && loss < 1) || !(burst >= 1 / (1 - loss)) || !Number.isInteger(seed)) return null
  const rate = codec.spec.sampleRate
  const sound = at(rate, readWav(wav))
  const lost = lossPattern(Math.floor((50 * sound.length) / rate), loss, burst, seededRandom(seed))
  const clean = heard(codec, sound, [], 'concealed')
  const concealed = heard(codec, sound, lost, 'concealed')
  if (out) writeWav(out, { rate, samples: concealed })
  const distance = {
    concealed: rounded(spectralDistance(clean, concealed, rate)),
    repeat: rounded(spectralDistance(clean, heard(codec, sound, lost, 'repeat'), rate)),
    silence: rounded(spectralDistance(clean, heard(codec, sound, lost, 'silence'), rate)),
  }
  const { rate: share, burst: mean } = lossOf(lost)
  const applied = { loss: rounded(share), burst: rounded(mean) }
  return {
    report: { codec: codec.spec.name, seed, asked: { loss, burst }, applied, units: { distance: 'dB' }, distance },
    text: `${codec.spec.name}, ${(100 * share).toFixed(1)} % lost in bursts of ${mean.toFixed(2)}: ${distance.concealed} dB from what is heard without loss; repeating ${distance.repeat}, silence ${distance.silence}`,
  }
}

function at(rate: number, sound: Sound): Int16Array {
  const out = new Int16Array(Math.ceil((sound.samples.length * rate) / sound.rate))
  return out.subarray(0, new Resampler(sound.rate, rate).resample(sound.samples, out))
}

function rounded(value: number): number {
  return Math.round(1000 * value) / 1000
}
