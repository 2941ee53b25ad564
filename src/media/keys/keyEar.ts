import type { Millis } from '../../platform/clock.ts'
import { EventReceiver, type KeyListener } from '../../rtp/events/eventReceiver.ts'
import type { KnownFormat } from '../../rtp/format.ts'
import { payloadOffset, ssrc, timestamp } from '../../rtp/packet.ts'
import type { RtpTap } from '../../rtp/rtpLeg.ts'
import type { Ticker } from '../ticker.ts'

/** Hears the keys that a leg's peer presses as events (RFC 4733), and ends those whose end was lost. */
export class KeyEar implements RtpTap {
  readonly #receiver: EventReceiver
  readonly #ticker: Ticker
  #stopTicking: (() => void) | null = null
  #ssrc = -1

  constructor(ticker: Ticker, listener: KeyListener) {
    this.#ticker = ticker
    this.#receiver = new EventReceiver({
      started: (digit) => {
        this.#stopTicking ??= this.#ticker.add((now) => this.#receiver.tick(now))
        listener.started(digit)
      },
      ended: (digit, duration) => {
        this.close()
        listener.ended(digit, duration)
      },
    })
  }

  take(packet: Uint8Array, octets: number, { clockRate }: KnownFormat, now: Millis): void {
    const source = ssrc(packet)
    if (source !== this.#ssrc) this.#receiver.reset()
    this.#ssrc = source
    const at = payloadOffset(packet)
    this.#receiver.take(timestamp(packet), packet, at, at + octets, clockRate, now)
  }

  close(): void {
    this.#stopTicking?.()
    this.#stopTicking = null
  }
}
