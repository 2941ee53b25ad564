import type { Millis } from '../platform/clock.ts'

/** What a codec is, on the wire and inside. */
export interface CodecSpec {
  /** The encoding name of SDP (RFC 3551 §6), as in PCMU. */
  readonly name: string
  /** RTP clock, Hz. */
  readonly clockRate: number
  /** Samples a second and channel; G.722's is not its RTP clock (RFC 3551 §4.5.2). */
  readonly sampleRate: number
  readonly channels: 1 | 2
  /** The usual length of a packet. */
  readonly ptime: Millis
}

/** A codec: makes encoders and decoders, of which each stream has its own, for most remember what came before. */
export interface Codec {
  readonly spec: CodecSpec
  encoder(): Encoder
  decoder(): ConcealingDecoder
}

/** One stream of sound on its way into packets. */
export interface Encoder {
  /**
   * Encodes `pcm` (linear samples, channels interleaved) into `out` and gives how many octets that took; 0: nothing is to be
   * sent. `out` must have room for it. Allocates nothing.
   */
  encode(pcm: Int16Array, out: Uint8Array): number
}

/** One stream of packets on its way back into sound. */
export interface Decoder {
  /**
   * Decodes a packet's payload into `out` and gives how many samples that are, channels counted singly. What `out` has no
   * room for is left out. Allocates nothing.
   */
  decode(payload: Uint8Array, out: Int16Array): number
}

/** A decoder that also fills in for what never came. */
export interface ConcealingDecoder extends Decoder {
  /**
   * Fills all of `out` (a whole number of ms) with what was probably said where packets are missing: goes on from what was
   * decoded last, and fades when much is missing in a row. What is decoded after it joins on without a click.
   * `next`: the payload that comes right behind `out`, if it is there already and the codec can make use of it; it is to be
   * decoded all the same.
   */
  conceal(out: Int16Array, next?: Uint8Array): void
}
