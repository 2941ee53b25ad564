/** What the browser counted of one call's sound up to a moment. */
export interface Sample {
  /** ms since 1970. */
  readonly at: number
  readonly received: number
  /** Packets that never came. */
  readonly lost: number
  /** ms; null until the other side has reported. */
  readonly roundTrip: number | null
  /** How long packets wait to be played, summed over all samples played, seconds, and how many those were. */
  readonly waited: number
  readonly played: number
  /** Fraction of what we send that the other side misses, 0–1; null until it has reported. */
  readonly lostThere: number | null
  /** `audio/opus`; null until sound comes. */
  readonly codec: string | null
}

/** A report of `RTCPeerConnection.getStats()`: names and types as in the W3C's webrtc-stats, none of which is certain. */
export type StatsEntry = Readonly<Record<string, unknown>>

/** One moment's sample out of the reports of `getStats()`. */
export function sampleOf(reports: Iterable<StatsEntry>, at: number): Sample {
  const all = [...reports]
  const inbound = all.find((one) => one.type === 'inbound-rtp' && one.kind === 'audio') ?? {}
  const remote = all.find((one) => one.type === 'remote-inbound-rtp' && one.kind === 'audio') ?? {}
  const pair = all.find((one) => one.type === 'candidate-pair' && one.nominated === true) ?? {}
  const codec = all.find((one) => one.type === 'codec' && one.id === inbound.codecId) ?? {}
  const roundTrip = numberOr(remote.roundTripTime, null) ?? numberOr(pair.currentRoundTripTime, null)
  return {
    at,
    received: numberOr(inbound.packetsReceived, 0),
    lost: numberOr(inbound.packetsLost, 0),
    roundTrip: roundTrip === null ? null : roundTrip * 1000,
    waited: numberOr(inbound.jitterBufferDelay, 0),
    played: numberOr(inbound.jitterBufferEmittedCount, 0),
    lostThere: numberOr(remote.fractionLost, null),
    codec: typeof codec.mimeType === 'string' ? codec.mimeType : null,
  }
}

function numberOr<T>(value: unknown, otherwise: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}
