import type { Digit } from '../../codecs/tones/dtmf.ts'
import type { Millis } from '../../platform/clock.ts'
import type { KnownFormat } from '../../rtp/format.ts'

/** What two halves of a link tell each other, each of the leg on its own side. */
export type WireMessage =
  | { readonly type: 'formats'; readonly formats: readonly KnownFormat[]; readonly terms: string }
  /** A packet of the leg's peer, `octets` of payload, in the format with this payload type. */
  | { readonly type: 'packet'; readonly packet: Uint8Array; readonly octets: number; readonly receive: number }
  | { readonly type: 'interrupted' }
  | { readonly type: 'press'; readonly digit: Digit }
  | { readonly type: 'release'; readonly duration: Millis }

/** The way between two halves of a link, on two threads. */
export interface Wire {
  send(message: WireMessage): void
  /** Gives what comes to `take`, and tells once that the other end has closed. */
  listen(take: (message: WireMessage) => void, closed: () => void): void
  close(): void
}
