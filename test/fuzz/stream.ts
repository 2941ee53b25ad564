import type { LegFormat } from '../../src/media/engine.ts'
import type { Seeded } from '../support/virtual/random.ts'
import { payloadsOf } from './formats.ts'

/** Of an event the phone sends so many packets, the last three with the end bit (RFC 4733 §2.5.1.4). */
const EVENT_PACKETS = 8
const FINAL_PACKETS = 3

/** The RTP of a phone that does all as it should: talks, presses keys, says that it is silent. Packets are 20 ms apart. */
export class Stream {
  readonly #random: Seeded
  #formats: readonly LegFormat[] = []
  #voice: LegFormat | null = null
  #ssrc: number
  #sequence: number
  #timestamp: number
  #event = { left: 0, code: 0, timestamp: 0, duration: 0 }
  #spoken = 0

  constructor(random: Seeded) {
    this.#random = random
    this.#ssrc = random.integer(2 ** 32)
    this.#sequence = random.integer(2 ** 16)
    this.#timestamp = random.integer(2 ** 32)
  }

  /** Speaks in these formats from now on. */
  use(formats: readonly LegFormat[]): void {
    this.#formats = formats
    this.#voice = null
  }

  /** Goes on elsewhere: by another source, at another place in it, or both. */
  jump(): void {
    const random = this.#random
    if (random.integer(2) === 0) this.#ssrc = random.integer(2 ** 32)
    if (random.integer(2) === 0)
      this.#sequence = (this.#sequence + random.integer(2 ** (1 + random.integer(16)))) & 0xffff
    if (random.integer(2) === 0)
      this.#timestamp = (this.#timestamp + random.integer(2 ** (1 + random.integer(32)))) >>> 0
  }

  /** Writes the next packet to `out` and gives its octets. */
  next(out: Buffer): number {
    this.#sequence = (this.#sequence + 1) & 0xffff
    const event = this.#eventFormat()
    if (event && (this.#event.left > 0 || this.#random.integer(40) === 0)) return this.#key(out, event)
    const format = this.#spokenFormat()
    const payloads = payloadsOf(format?.codec ?? 'none')
    // A tone lasts for some packets, lest no key be heard.
    const payload = payloads[Math.floor(this.#spoken++ / 5) % payloads.length] ?? payloads[0] ?? new Uint8Array(1)
    const clockRate = Number(format?.codec.split('/')[1] ?? 8000)
    this.#timestamp = (this.#timestamp + clockRate / 50) >>> 0
    out.set(payload, this.#header(out, format?.receive ?? 0, this.#timestamp))
    return 12 + payload.length
  }

  #header(out: Buffer, type: number, timestamp: number): number {
    out[0] = 0x80
    out[1] = type
    out.writeUInt16BE(this.#sequence, 2)
    out.writeUInt32BE(timestamp, 4)
    return out.writeUInt32BE(this.#ssrc, 8)
  }

  #eventFormat(): LegFormat | undefined {
    return this.#formats.find(({ codec }) => codec.startsWith('telephone-event/'))
  }

  #spokenFormat(): LegFormat | null {
    const { codec = '' } = this.#voice ?? {}
    if (this.#voice === null || codec.startsWith('cn/') || this.#random.integer(30) === 0) {
      const voices = this.#formats.filter((format) => !format.codec.startsWith('telephone-event/'))
      this.#voice = voices[this.#random.integer(Math.max(1, voices.length))] ?? null
    }
    return this.#voice
  }

  #key(out: Buffer, format: LegFormat): number {
    const event = this.#event
    if (event.left === 0) {
      this.#event = { left: EVENT_PACKETS, code: this.#random.integer(17), timestamp: this.#timestamp, duration: 0 }
      return this.#key(out, format)
    }
    event.left--
    event.duration += 160
    const at = this.#header(out, format.receive, event.timestamp)
    out[at] = event.code
    out[at + 1] = (event.left < FINAL_PACKETS ? 0x80 : 0) | 10
    out.writeUInt16BE(event.duration, at + 2)
    return at + 4
  }
}
