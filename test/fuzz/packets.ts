import type { LegFormat } from '../../src/media/engine.ts'
import type { Seeded } from '../support/virtual/random.ts'
import { someRtcp } from './rtcpPackets.ts'
import { Stream } from './stream.ts'

/** The longest that UDP over IPv4 carries. */
const LONGEST = 65_507
const HEADER = 12
/** Packets that may come once more, or late. */
const REMEMBERED = 64

/** Makes an octet string of what lies in `out`, `length` octets, or writes another one; gives its octets. */
type Lie = (out: Buffer, length: number, random: Seeded) => number

/** What is done to a good packet, and how often of a hundred. The rest stays good. */
const LIES: readonly (readonly [weight: number, lie: Lie])[] = [
  [4, randomOctets],
  [8, flippedHeader],
  [3, csrcList],
  [3, extension],
  [3, padding],
  [3, truncated],
  [2, oversized],
  [3, wrongType],
  [7, flippedPayload],
  [5, manyEvents],
  [2, emptied],
  [1, stun],
]

/** The datagrams of one phone and of those who pretend to be it, made in one buffer. */
export class Packets {
  /** Holds the last one made. */
  readonly out = Buffer.alloc(LONGEST)
  readonly #random: Seeded
  readonly #stream: Stream
  readonly #past: Buffer[] = []
  /** The SSRC by which we send to the phone, once known: what its reports should be about. */
  ourSsrc = 0

  constructor(random: Seeded) {
    this.#random = random
    this.#stream = new Stream(random)
  }

  use(formats: readonly LegFormat[]): void {
    this.#stream.use(formats)
  }

  /** The next datagram of its RTP, good or bad; its octets, which lie in `out`. */
  next(): number {
    const random = this.#random
    if (random.integer(50) === 0) this.#stream.jump()
    const length = this.#again() ?? this.#stream.next(this.out)
    this.#remember(length)
    let left = random.integer(100)
    for (const [weight, lie] of LIES) {
      if (left < weight) return lie(this.out, length, random)
      left -= weight
    }
    return length
  }

  /** An RTCP datagram, good or bad, likewise. */
  nextRtcp(): number {
    const length = someRtcp(this.out, this.#random, this.ourSsrc)
    return this.#random.integer(4) === 0 ? flippedPayload(this.out, length, this.#random) : length
  }

  #again(): number | null {
    const old = this.#random.integer(30) === 0 ? this.#past[this.#random.integer(REMEMBERED)] : undefined
    return old ? old.copy(this.out) : null
  }

  #remember(length: number): void {
    if (this.#random.integer(8) > 0) return
    this.#past[this.#random.integer(REMEMBERED)] = Buffer.from(this.out.subarray(0, length))
  }
}

function randomOctets(out: Buffer, _length: number, random: Seeded): number {
  const length = random.integer(random.integer(8) === 0 ? 1500 : 60)
  for (let at = 0; at < length; at++) out[at] = random.integer(256)
  if (random.integer(2) === 0) out[0] = 0x80 | random.integer(64)
  return length
}

function flippedHeader(out: Buffer, length: number, random: Seeded): number {
  for (let flips = 1 + random.integer(3); flips > 0; flips--) flip(out, random.integer(HEADER), random)
  return length
}

function flippedPayload(out: Buffer, length: number, random: Seeded): number {
  for (let flips = 1 + random.integer(8); flips > 0; flips--) flip(out, random.integer(Math.max(1, length)), random)
  // An Opus packet tells its kind in its first octets; a description of silence its level.
  if (random.integer(2) === 0) out[HEADER] = random.integer(256)
  if (random.integer(4) === 0) out[HEADER + 1] = random.integer(256)
  out[0] = 0x80 | ((out[0] ?? 0) & 0x3f)
  return length
}

function csrcList(out: Buffer, length: number, random: Seeded): number {
  const count = random.integer(16)
  out[0] = 0x80 | count
  return random.integer(2) === 0 ? length : moved(out, length, 4 * count)
}

function extension(out: Buffer, length: number, random: Seeded): number {
  const words = random.integer(4) === 0 ? random.integer(2 ** 16) : random.integer(8)
  const isTrue = random.integer(2) === 0 && words < 100
  const whole = isTrue ? moved(out, length, 4 + 4 * words) : length
  out[0] = 0x90
  out.writeUInt16BE(words, HEADER + 2)
  return whole
}

function padding(out: Buffer, length: number, random: Seeded): number {
  out[0] = 0xa0
  const said = random.integer(3) === 0 ? random.integer(256) : random.integer(8)
  const added = random.integer(2) === 0 ? said : random.integer(8)
  out.fill(0, length, length + added)
  out[length + added - 1] = said
  return length + added
}

function truncated(_out: Buffer, length: number, random: Seeded): number {
  return random.integer(length)
}

function oversized(out: Buffer, length: number, random: Seeded): number {
  const whole = random.integer(8) === 0 ? LONGEST - random.integer(1000) : 1400 + random.integer(1000)
  out.fill(random.integer(256), length, whole)
  return whole
}

function wrongType(out: Buffer, length: number, random: Seeded): number {
  out[1] = random.integer(256)
  return length
}

function emptied(): number {
  return HEADER
}

/** Whatever the type: events in any number, of any key and length, with octets left over. */
function manyEvents(out: Buffer, _length: number, random: Seeded): number {
  const length = random.integer(10) === 0 ? random.integer(2036) : random.integer(20)
  for (let at = HEADER; at < HEADER + length; at++) out[at] = random.integer(random.integer(2) === 0 ? 16 : 256)
  return HEADER + length
}

function stun(out: Buffer): number {
  out.fill(0, 0, 20)
  out.writeUInt32BE(0x00010000, 0)
  return out.writeUInt32BE(0x2112a442, 4) + 12
}

/** Makes room for `octets` behind the header. */
function moved(out: Buffer, length: number, octets: number): number {
  out.copyWithin(HEADER + octets, HEADER, length)
  return length + octets
}

function flip(out: Buffer, at: number, random: Seeded): void {
  out[at] = (out[at] ?? 0) ^ (1 << random.integer(8))
}
