import type { Codec } from '../../src/codecs/codec.ts'
import type { Seeded } from './virtual/random.ts'

/** Which of `count` packets are lost, by a chain of two states (Gilbert): a share of `rate`, in bursts of mean length `burst`. */
export function lossPattern(count: number, rate: number, burst: number, random: Seeded): boolean[] {
  const begins = rate / (burst * (1 - rate))
  let lost = false
  return Array.from({ length: count }, () => {
    lost = random.fraction() < (lost ? 1 - 1 / burst : begins)
    return lost
  })
}

/** The share of packets that are lost, and how many are on average lost in a row. */
export function lossOf(lost: readonly boolean[]): { readonly rate: number; readonly burst: number } {
  const count = lost.filter(Boolean).length
  const bursts = lost.filter((is, at) => is && !lost[at - 1]).length
  return { rate: count / lost.length, burst: bursts === 0 ? 0 : count / bursts }
}

/** What stands in for a packet that is lost: what the codec's decoder makes up, nothing, or the packet before once more. */
export type Filling = 'concealed' | 'silence' | 'repeat'

/** What is heard of `sound` by way of `codec`, in packets of 20 ms of which some are lost; what is left at the end is left out. */
export function heard(codec: Codec, sound: Int16Array, lost: readonly boolean[], filling: Filling): Int16Array {
  const frame = codec.spec.sampleRate / 50
  const [encoder, decoder] = [codec.encoder(), codec.decoder()]
  const payload = new Uint8Array(2 * frame)
  const out = new Int16Array(frame * Math.floor(sound.length / frame))
  for (let at = 0; at < out.length; at += frame) {
    const octets = encoder.encode(sound.subarray(at, at + frame), payload)
    const here = out.subarray(at, at + frame)
    if (!lost[at / frame]) decoder.decode(payload.subarray(0, octets), here)
    else if (filling === 'concealed') decoder.conceal(here)
    else if (filling === 'repeat' && at > 0) here.set(out.subarray(at - frame, at))
  }
  return out
}
