import type { Millis } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import type { SrtpKeys } from '../rtp/srtp/srtpKeys.ts'
import type { Fingerprint } from '../webrtc/dtls/handshakes.ts'
import type { Candidate, IceParameters } from '../webrtc/ice/candidate.ts'
import type { SecurePeer } from '../webrtc/secureTransport.ts'
import type { Lateness } from './lateness.ts'

export type { Candidate, Fingerprint, IceParameters, SecurePeer, SrtpKeys }

/** Ids are made by the caller and never reused. */
export type LegId = string
export type LinkId = string
export type CallId = string
export type PlaybackId = string
export type RecordingId = string
export type RoomId = string

/** A leg to open: one RTP session with one peer. */
export interface LegSpec {
  readonly id: LegId
  /** Legs of the same call live on the same thread. */
  readonly call: CallId
  /** The local IP address to bind, the one this peer reaches us at. */
  readonly address: string
  /** How it is to be secured as WebRTC has it; left out, it has no part in that. */
  readonly secure?: SecureSpec | null
  /** Whether its packets are SRTP by keys that `update` brings (RFC 4568): without them nothing goes either way. */
  readonly srtp?: boolean
}

/** A leg of WebRTC: ICE, DTLS and SRTP on one port (RFC 8834). */
export interface SecureSpec {
  /** Our end of ICE. */
  readonly ice: IceParameters
  /** Who chooses the way: we do where the first offer is ours (RFC 8445 §6.1.1). */
  readonly role: 'controlling' | 'controlled'
  /** Further local addresses at which the peer may reach us. */
  readonly addresses: readonly string[]
}

/** Where a leg listens: what our SDP says of it, before any translation to an external address. */
export interface LocalMedia {
  readonly leg: LegId
  readonly address: string
  readonly port: number
  readonly rtcpPort: number
  /** Of a leg of WebRTC: all that it listens on, the preferred first, and the hash of our certificate. */
  readonly secure: { readonly candidates: readonly Candidate[]; readonly fingerprint: Fingerprint } | null
}

/** One codec as it travels on a leg. The two payload types differ where the sides numbered it differently (RFC 3264 §5.1). */
export interface LegFormat {
  /** Name, clock rate and channels in the form `opus/48000/2`, lower case: equal strings are the same codec. */
  readonly codec: string
  /** The payload type that packets from the peer carry: what our SDP said. */
  readonly receive: number
  /** The payload type that packets to the peer carry: what its SDP said. */
  readonly send: number
  /** The a=fmtp parameters by which the peer wants to receive it; null: none. */
  readonly fmtp: string | null
}

/** A codec that the engine can turn into every other of its kind, as SDP names it. */
export interface MadeCodec {
  readonly name: string
  /** RTP clock, Hz. */
  readonly clockRate: number
  readonly channels: number
  /** The parameters by which the engine wants to receive it. */
  readonly fmtp: string | null
}

/** What the last offer and answer agreed to. */
export interface RemoteMedia {
  /** Where the peer's SDP wants RTP; null where it named no usable address (0.0.0.0, port 0). */
  readonly rtp: Endpoint | null
  readonly rtcp: Endpoint | null
  /** Whether RTCP shares the port of RTP, on both sides (RFC 5761). */
  readonly rtcpMux: boolean
  /** The first voice codec among them is what it is sent, where there is a choice. */
  readonly formats: readonly LegFormat[]
  /** How long a packet it would have, ms; null: it did not say. */
  readonly ptime: Millis | null
  /** Whether we may send to the peer. */
  readonly sends: boolean
  /** Whether the peer may send to us. */
  readonly receives: boolean
  /** Whether keys are told it in its media: as events if it knows them, else as tones. */
  readonly keysInMedia: boolean
  /** Of a leg of WebRTC; null for any other. */
  readonly secure: SecurePeer | null
  /** The keys of a leg of SRTP; left out for any other. */
  readonly srtp?: SrtpKeys | null
}

/** Why a packet was not taken. */
export type DropReason =
  | 'malformed' // shorter than its header says, or not RTP version 2
  | 'source' // from an address that is not the peer's
  | 'format' // a payload type that was not negotiated
  | 'direction' // while the negotiated direction says there is none
  | 'unlinked' // the leg has no other side yet
  | 'forged' // SRTP whose tag is wrong, or that came before

/** What one leg has seen. Packets and octets of RTP payload; times in ms. */
export interface LegStats {
  readonly leg: LegId
  /** How its packets travel: plain, sealed by keys of its SDP, or secured and by a way that ICE has found. */
  readonly transport: 'rtp' | 'srtp' | 'webrtc'
  readonly local: Endpoint
  /** Where we send; null before anything is known. */
  readonly remote: Endpoint | null
  /** Whether `remote` was learnt from packets rather than taken from SDP. */
  readonly learnt: boolean
  /** The codec of the last packet received; null before the first. */
  readonly codec: string | null
  readonly received: { readonly packets: number; readonly octets: number }
  readonly sent: { readonly packets: number; readonly octets: number }
  readonly rtcpReceived: number
  readonly dropped: Readonly<Record<DropReason, number>>
  /** Packets that never came, by RFC 3550 §A.3. */
  readonly lost: number
  /** Interarrival jitter by RFC 3550 §A.8, ms; null before two packets came. */
  readonly jitter: Millis | null
  /** Since the last valid packet, RTP or RTCP; null before the first. */
  readonly silentFor: Millis | null
  /** What the peer last reported of the packets we send; null before it did. */
  readonly peer: PeerReport | null
  /** To the peer and back, by RFC 3550 §6.4.1, ms; null where its reports do not tell. */
  readonly roundTrip: Millis | null
  readonly mos: MeanOpinion
  /** Of the buffer through which its sound goes where packets can't pass as they are; null: they pass. */
  readonly playout: PlayoutStats | null
}

/** What a jitter buffer has made of a stream; times in ms. */
export interface PlayoutStats {
  /** How long it holds sound back now, and how long it wants to. */
  readonly delay: Millis
  readonly target: Millis
  /** Packets that were never played: lost on the way, late, or too many. */
  readonly lost: number
  readonly late: number
  /** Sound that was made up; taken out and put in to keep the delay. */
  readonly concealed: Millis
  readonly removed: Millis
  readonly inserted: Millis
}

/** A peer's receiver report (RFC 3550 §6.4). It misses also what was lost before it came to us, from the other leg's peer. */
export interface PeerReport {
  /** Fraction of packets lost between its last two reports, 0–1. */
  readonly lost: number
  /** Packets lost since the beginning. */
  readonly lostTotal: number
  readonly jitter: Millis
}

/** Quality since the beginning as a mean opinion score, 1–4.5, by the E-model of ITU-T G.107; null: too little is known. */
export interface MeanOpinion {
  /** Of what we receive from the peer. */
  readonly heard: number | null
  /** Of what the peer receives from us. */
  readonly told: number | null
}

/** Something to be played. Levels are dBm0, those of E.180 where none is given. */
export type Sound =
  /** A tone, for so long, ms; null: on and on. */
  | { readonly kind: 'tone'; readonly hz: number; readonly level: number; readonly duration: Millis | null }
  /** A WAV file, so many times (`Infinity`: on and on), at first from `from` on. */
  | { readonly kind: 'file'; readonly path: string; readonly times: number; readonly from: Millis }
  /** What a caller hears in this country (ISO 3166-1), on and on. */
  | { readonly kind: 'progress'; readonly progress: 'ringback' | 'busy' | 'congestion'; readonly country: string }

/** How something is recorded, as WAV of 16 bits. */
export interface RecordSpec {
  /** A file that is not there yet. */
  readonly path: string
  /** 1: all that is recorded mixed; 2: of a link, one side left and the other right. */
  readonly channels: 1 | 2
  readonly maxDuration: Millis
}

export type MediaEvent =
  /** The first valid packet came from the peer. */
  | { readonly type: 'connected'; readonly leg: LegId; readonly source: Endpoint }
  /** Neither RTP nor RTCP came for a minute; fires again each further minute. `elapsed` in ms. */
  | { readonly type: 'silence'; readonly leg: LegId; readonly elapsed: Millis }
  | { readonly type: 'source-changed'; readonly leg: LegId; readonly source: Endpoint }
  /** So many packets came, since it was last told, that the peer has not sealed; once a minute. */
  | { readonly type: 'forged'; readonly leg: LegId; readonly packets: number }
  /** The peer has pressed a key (RFC 4733), and let it go after `duration`. */
  | { readonly type: 'dtmf'; readonly leg: LegId; readonly digit: string; readonly duration: Millis }
  /** What was played is over: at its end, stopped, replaced by another, or never begun as it can't be made. */
  | { readonly type: 'finished'; readonly leg: LegId; readonly id: PlaybackId }
  /** A recording is complete. `end`: `refused`, the file could not be made; times in ms of sound. */
  | {
      readonly type: 'recorded'
      readonly leg: LegId
      readonly id: RecordingId
      readonly end: 'stopped' | 'full' | 'failed' | 'refused'
      readonly duration: Millis
      readonly dropped: Millis
    }
  /** Who talks in a room has changed. `leg`: one of those that are in it. */
  | { readonly type: 'speakers'; readonly leg: LegId; readonly room: RoomId; readonly speakers: readonly LegId[] }
  /** The leg is gone without `close`: its thread died or its socket failed. */
  | { readonly type: 'ended'; readonly leg: LegId; readonly reason: string }

/** What `open` rejects with. `NO_PORTS`: the range is used up (a 503). `BIND`: the system refused the address. `NO_WEBRTC`: it carries plain RTP alone. */
export class MediaError extends Error {
  readonly code: 'NO_PORTS' | 'BIND' | 'CLOSED' | 'NO_WEBRTC'
  constructor(code: MediaError['code'], message: string) {
    super(message)
    this.name = 'MediaError'
    this.code = code
  }
}

/**
 * The one seam between signalling and media. Everything that crosses it survives `postMessage`, so that the engine may
 * run in this process (tests) or on worker threads (the server); both pass the same contract suite.
 *
 * A command about a leg or link that does not exist (any more) is ignored: commands and a thread's death may cross.
 */
export interface MediaEngine {
  /** What it transcodes, the preferred first; telephone-event and CN among them, which it converts. */
  readonly codecs: readonly MadeCodec[]
  /** Opens all of `legs` or none. Legs of one call share a thread. Rejects with `MediaError`. */
  open(legs: readonly LegSpec[]): Promise<readonly LocalMedia[]>
  /** Sets what the peer's SDP agreed to, at first and after each re-offer. */
  update(leg: LegId, remote: RemoteMedia): void
  /**
   * Each leg hears the other, be they of one call or two; `link(id, a, a)` is the echo. A leg is in one link at a time: the
   * last one holds.
   */
  link(id: LinkId, a: LegId, b: LegId): void
  unlink(id: LinkId): void
  /** The leg hears `sound` in the place of what it is linked to, until the sound ends (`finished`) or is stopped. */
  play(id: PlaybackId, leg: LegId, sound: Sound): void
  /** Ends a playback or a recording. */
  stop(id: PlaybackId | RecordingId): void
  /** Records what comes from a leg, or from both legs of a link (which must be of one call), until it is stopped or full; then `recorded`. */
  record(id: RecordingId, of: LegId | LinkId, spec: RecordSpec): void
  /** Brings the leg into a room, of legs of its own call, where it hears all others; it leaves its link or former room. */
  mix(room: RoomId, leg: LegId): void
  /** The leg leaves its room. */
  unmix(leg: LegId): void
  /** Presses keys (`0`–`9`, `*`, `#`, `A`–`D`) toward the leg's peer, each for `duration`: as events or, if it knows none, as tones. */
  sendDtmf(leg: LegId, digits: string, duration?: Millis): void
  /** The leg's counters now; null if there is no such leg. */
  stats(leg: LegId): Promise<LegStats | null>
  /** Closes the leg, frees its ports and gives its last counters; null if there was no such leg. */
  close(leg: LegId): Promise<LegStats | null>
  /** Calls `run` for every event until the function it returns is called. */
  on(run: (event: MediaEvent) => void): () => void
  /** The addresses that reach this host are these from now on, its external one included. */
  follow(ownAddresses: readonly string[]): void
  /** Legs open now, over all threads. */
  readonly legs: number
  /** How late sound is made, over all threads that run. */
  readonly late: Lateness
  /** Ends all threads and sockets. */
  shutdown(): Promise<void>
}
