import t from 'tap'
import type { ConcealingDecoder } from '../../src/codecs/codec.ts'
import { codecNamed } from '../../src/codecs/codecs.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { carriesPrevious } from '../../src/codecs/opus/opusPacket.ts'
import { Playout } from '../../src/media/playout/playout.ts'
import { packetsOf } from '../codecs/packets.ts'
import { rtp } from '../rtp/rtpBytes.ts'

const OPUS = { codec: 'opus/48000/2', clockRate: 48_000, receive: 96 }
const RATE = 16_000
const support = await loadOpus()
const skip = !('fec' in support && support.fec) && 'no library that decodes FEC is there'

t.test('what is lost of Opus is taken from the packet behind it', { skip }, async (t) => {
  const packets = packetsOf('voice.opus')
  const lost = (nth: number): boolean => {
    const next = packets[nth + 1]
    return nth % 5 === 4 && next !== undefined && carriesPrevious(next)
  }
  const whole = played(packets, () => false, await decoder())
  const recovered = played(packets, lost, await decoder())
  const { decode, conceal } = await decoder()
  const blind = played(packets, lost, { decode, conceal: (out) => conceal(out) })
  const [with_, without] = [distance(whole, recovered), distance(whole, blind)]
  t.ok(with_ < 0.5 * without, `off by ${with_.toFixed(0)}, against ${without.toFixed(0)} without looking`)
})

async function decoder(): Promise<ConcealingDecoder> {
  // Decoders that can recover are made ready at the end of a turn.
  await new Promise((resolve) => setImmediate(resolve))
  const made = codecNamed(OPUS.codec, null, RATE)?.decoder()
  if (!made) throw new Error('no Opus')
  return { decode: made.decode.bind(made), conceal: made.conceal.bind(made) }
}

/** All of `packets` but the lost, each on time and pulled 20 ms by 20 ms, as sound. */
function played(
  packets: readonly Uint8Array[],
  lost: (nth: number) => boolean,
  decoder: ConcealingDecoder,
): Int16Array {
  const playout = new Playout(RATE, () => ({ decoder, sampleRate: RATE }))
  const sound = new Int16Array((packets.length + 10) * 320)
  for (let nth = 0; nth < packets.length + 10; nth++) {
    const payload = packets[nth]
    if (payload && !lost(nth)) {
      const packet = rtp({ type: 96, sequence: nth, timestamp: 960 * nth, payload })
      playout.push(packet, payload.length, OPUS, 20 * nth)
    }
    playout.pull(sound.subarray(320 * nth, 320 * (nth + 1)), 20 * nth + 10)
  }
  return sound
}

function distance(one: Int16Array, other: Int16Array): number {
  return Math.sqrt(one.reduce((sum, sample, at) => sum + (sample - (other[at] ?? 0)) ** 2, 0) / one.length)
}
