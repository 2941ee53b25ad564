import { EventReceiver } from '../../src/rtp/events/eventReceiver.ts'
import { EventSender, type EventSenderOptions } from '../../src/rtp/events/eventSender.ts'

/** One packet of an event as it goes out. */
export interface EventPacket {
  /** When, ms. */
  readonly sent: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payload: Uint8Array
}

/** A stream whose RTP clock stands at `start` when it begins, asked for packets every 20 ms. */
export class EventStream {
  readonly sender: EventSender
  readonly packets: EventPacket[] = []
  readonly #clockRate: number
  readonly #start: number
  now = 0

  constructor(options: EventSenderOptions = {}, start = 0) {
    this.sender = new EventSender(options)
    this.#clockRate = options.clockRate ?? 8000
    this.#start = start
  }

  /** So many ms, in steps of 20. */
  run(ms: number): this {
    const payload = new Uint8Array(4)
    for (const end = this.now + ms; this.now < end; this.now += 20) {
      const rtp = (this.#start + (this.now * this.#clockRate) / 1000) >>> 0
      const { sender } = this
      if (sender.next(rtp, payload) === 0) continue
      this.packets.push({
        sent: this.now,
        timestamp: sender.timestamp,
        marker: sender.marker,
        payload: payload.slice(),
      })
    }
    return this
  }

  /** Until nothing is pressed any more. */
  runOut(): this {
    while (this.sender.busy) this.run(20)
    return this
  }
}

/** What a receiver tells, as in `+5` and `-5 100`. */
export class Ear {
  readonly told: string[] = []
  readonly receiver = new EventReceiver({
    started: (digit) => this.told.push(`+${digit}`),
    ended: (digit, duration) => this.told.push(`-${digit} ${Math.round(duration)}`),
  })

  /** Takes an event as one packet. */
  hears(timestamp: number, payload: Uint8Array, now: number, clockRate = 8000): this {
    this.receiver.take(timestamp, payload, 0, payload.length, clockRate, now)
    return this
  }

  /** The keys that were pressed, in order. */
  get keys(): string {
    return this.told
      .filter((told) => told.startsWith('+'))
      .map((told) => told.slice(1))
      .join('')
  }
}

/** An event's four octets. */
export function event(code: number, duration: number, end = false): Uint8Array {
  return Uint8Array.of(code, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff)
}
