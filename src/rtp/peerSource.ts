import type { Millis } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'

/** What a packet's source turned out to be. `learnt`: from now on it is the peer's, and packets to the peer go there. */
export type Hearing = 'known' | 'learnt' | 'stranger'

/** Where a peer's RTP comes from, and goes to. */
export interface PeerSource {
  /** The learnt source; null while nothing came. */
  readonly source: Endpoint | null
  /** Where to send; null while nothing is known. */
  readonly target: Endpoint | null
  /** The host that the peer is taken to be at. */
  readonly host: string | null
  /** Whether the learnt source is at `from`. */
  isAt(from: Endpoint): boolean
  /** Takes the address an SDP names. Returns whether the target changed. */
  update(named: Endpoint | null, now: Millis): boolean
  /** Judges a packet from `from`. `teaches`: it is of a negotiated payload type, from a peer that may send. */
  hear(from: Endpoint, teaches: boolean, now: Millis): Hearing
}
