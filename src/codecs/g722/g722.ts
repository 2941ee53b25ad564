import { saturate } from '../clamp.ts'
import type { Codec, Encoder } from '../codec.ts'
import { concealing, type FollowingDecoder } from '../concealment/concealment.ts'
import { HigherBand, LowerBand } from './g722Bands.ts'
import { Qmf } from './g722Qmf.ts'

/**
 * ITU-T G.722 at 64 kbit/s (mode 1): sound of 7 kHz, two samples in an octet, the higher band in its 2 upper bits. Its RTP
 * clock is half its sample rate, an error that has become the standard (RFC 3551 §4.5.2).
 *
 * To the bit it is FFmpeg's, which leaves out saturations of the recommendation that only overdriven sound or forged octets
 * come to: of XL and XH behind the transmit QMF, and of the sums inside the predictor (FILTEZ, FILTEP).
 */
export const g722: Codec = {
  spec: { name: 'G722', clockRate: 8000, sampleRate: 16000, channels: 1, ptime: 20 },
  encoder: () => new G722Encoder(),
  decoder: () => concealing(new G722Decoder(), 16_000),
}

class G722Encoder implements Encoder {
  readonly #qmf = new Qmf()
  readonly #lower = new LowerBand()
  readonly #higher = new HigherBand()

  /** Takes samples by twos: one left over at the end of `pcm` is ignored, not kept for the next call. */
  encode(pcm: Int16Array, out: Uint8Array): number {
    const octets = pcm.length >> 1
    for (let i = 0; i < octets; i++) out[i] = this.#octet(pcm[2 * i] ?? 0, pcm[2 * i + 1] ?? 0)
    return octets
  }

  #octet(first: number, second: number): number {
    this.#qmf.push(first, second)
    const low = (this.#qmf.second + this.#qmf.first) >> 14
    const high = (this.#qmf.second - this.#qmf.first) >> 14
    return (this.#higher.encode(high) << 6) | this.#lower.encode(low)
  }
}

class G722Decoder implements FollowingDecoder {
  /** The sender's filter, for what a gap is filled with. */
  readonly #split = new Qmf()
  readonly #qmf = new Qmf()
  readonly #lower = new LowerBand()
  readonly #higher = new HigherBand()

  /** Octets that `out` has no room for are decoded all the same, lest the predictors part from the sender's. */
  decode(payload: Uint8Array, out: Int16Array): number {
    for (let i = 0; i < payload.length; i++) {
      this.#join(payload[i] ?? 0)
      // What is written past its end a typed array ignores.
      out[2 * i] = saturate(this.#qmf.second >> 11)
      out[2 * i + 1] = saturate(this.#qmf.first >> 11)
    }
    return Math.min(2 * payload.length, out.length)
  }

  /** Encodes what was heard instead of packets as their sender might have: its bands adapt as ours do. */
  follow(sound: Int16Array): void {
    for (let i = 0; i + 1 < sound.length; i += 2) {
      this.#split.push(sound[i] ?? 0, sound[i + 1] ?? 0)
      const low = (this.#split.second + this.#split.first) >> 14
      const high = (this.#split.second - this.#split.first) >> 14
      this.#join((this.#higher.code(high) << 6) | this.#lower.code(low))
    }
  }

  #join(octet: number): void {
    const low = this.#lower.decode(octet & 0x3f)
    const high = this.#higher.decode(octet >> 6)
    this.#qmf.push(low + high, low - high)
  }
}
