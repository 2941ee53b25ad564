import type { Millis } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import type { MayBePeer } from './peerAddress.ts'
import type { Hearing, PeerSource } from './peerSource.ts'

/** How long a source nearer to what the SDP says may still displace the one that was first, ms. */
const PROBATION = 3000
/** How long the source must have been silent before another is listened to, ms. RTCP comes only every 5 s or so. */
const RTP_SILENCE = 2000
const RTCP_SILENCE = 15000

/**
 * Where a peer's RTP really comes from (symmetric RTP, RFC 4961), for a peer behind NAT does not know it itself.
 *
 *     waiting ── a packet that may teach ──▶ probation ── 3 s ──▶ locked
 *        ▲                                    │    ▲                │
 *        └──── an SDP with another address ───┴────┼────────────────┤
 *                                                  └─ 2 s silent ───┘
 *
 * On probation, a source nearer to the SDP's takes over: its very address and port before its host before any other.
 * Once locked, nobody redirects the stream but the SDP; a stranger gets in only when the source has gone silent, and
 * only from the SDP's host or the source's own. What teaches is the caller's to say: a packet of a negotiated payload
 * type, from a peer that may send.
 */
export class SourceLock implements PeerSource {
  readonly #mayBePeer: MayBePeer
  /** The last usable address an SDP named. */
  #sdp: Endpoint | null = null
  #sdpAt: Millis = 0
  #learntAt: Millis = 0
  #heardAt: Millis = 0
  /** The source before the last SDP: in-flight packets from it are no reason to lock again. */
  #former: Endpoint | null = null
  /** The learnt source; null while waiting. */
  source: Endpoint | null = null

  constructor(mayBePeer: MayBePeer) {
    this.#mayBePeer = mayBePeer
  }

  /** Where to send; null while nothing is known. */
  get target(): Endpoint | null {
    return this.source ?? this.#sdp
  }

  /** Whether the learnt source is at `from`. */
  isAt(from: Endpoint): boolean {
    return this.source !== null && isSame(from, this.source)
  }

  /** The host that the peer is taken to be at. */
  get host(): string | null {
    return this.target?.address ?? null
  }

  /**
   * Takes the address an SDP names; null, or one that no peer can have, says nothing new (a hold by c=0.0.0.0). Another
   * address than before sends there, and learns anew, unless it is where the peer was found to be anyway. Returns
   * whether the target changed.
   */
  update(named: Endpoint | null, now: Millis): boolean {
    if (named === null || !this.#mayBePeer(named)) return false
    if (this.#sdp !== null && isSame(named, this.#sdp)) return false
    this.#sdp = named
    this.#sdpAt = now
    if (this.source === null) return true
    if (isSame(named, this.source)) return false
    this.#former = this.source
    this.source = null
    return true
  }

  /** Judges a packet from `from`. */
  hear(from: Endpoint, teaches: boolean, now: Millis): Hearing {
    if (this.isAt(from)) {
      this.#heardAt = now
      return 'known'
    }
    const returns = this.source === null && this.#former !== null && isSame(from, this.#former)
    if (returns && (!teaches || now < this.#sdpAt + PROBATION)) return 'known'
    if (!teaches || !this.#mayBecomeSource(from, now)) return 'stranger'
    this.source = { address: from.address, port: from.port }
    this.#former = null
    this.#learntAt = now
    this.#heardAt = now
    return returns ? 'known' : 'learnt'
  }

  #mayBecomeSource(from: Endpoint, now: Millis): boolean {
    if (this.source === null) return this.#mayBePeer(from)
    const nearness = this.#nearness(from)
    const displaces = now < this.#learntAt + PROBATION && nearness > this.#nearness(this.source)
    const replaces = now >= this.#heardAt + RTP_SILENCE && (nearness > 0 || from.address === this.source.address)
    return (displaces || replaces) && this.#mayBePeer(from)
  }

  /** 2: exactly what the SDP says. 1: its host. 0: elsewhere. */
  #nearness(at: Endpoint): number {
    if (at.address !== this.#sdp?.address) return 0
    return at.port === this.#sdp.port ? 2 : 1
  }
}

/**
 * Where a peer's RTCP comes from: the first port that sends any at the host of its RTP. It holds until that host or the
 * SDP changes, or the port falls silent.
 */
export class RtcpLock {
  readonly #mayBePeer: MayBePeer
  #sdp: Endpoint | null = null
  #source: Endpoint | null = null
  #heardAt: Millis = 0

  constructor(mayBePeer: MayBePeer) {
    this.#mayBePeer = mayBePeer
  }

  /** Where to send; null while nothing is known. */
  get target(): Endpoint | null {
    return this.#source ?? this.#sdp
  }

  /** Takes the RTCP address an SDP names, as `SourceLock.update` does. */
  update(named: Endpoint | null): void {
    if (named === null || !this.#mayBePeer(named)) return
    if (this.#sdp !== null && isSame(named, this.#sdp)) return
    this.#sdp = named
    this.#source = null
  }

  /** Whether an RTCP packet is the peer's, whose RTP is at `host`. */
  hear(from: Endpoint, host: string | null, now: Millis): boolean {
    if (from.address !== host) return false
    if (this.#source === null || !isSame(from, this.#source)) {
      const held = this.#source?.address === host && now < this.#heardAt + RTCP_SILENCE
      if (held || !this.#mayBePeer(from)) return false
      this.#source = from
    }
    this.#heardAt = now
    return true
  }
}

/** Whether two endpoints are the same address and port. */
export function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address
}
