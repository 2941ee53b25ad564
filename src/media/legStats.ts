import type { Millis } from '../platform/clock.ts'
import { quality } from '../rtp/quality.ts'
import type { RtpLeg } from '../rtp/rtpLeg.ts'
import type { LegStats, MeanOpinion, PlayoutStats } from './engine.ts'
import type { MediaLeg } from './mediaLeg.ts'

/** What a packet holds by custom, ms: it leaves only when its last sample was spoken. */
const FRAME = 20
/** A playout buffer holds about so much of the mean deviation, and never more than a phone has patience for, ms. */
const JITTERS_BUFFERED = 2
const LONGEST_BUFFER = 200

/** A leg's counters at `now`, as a copy that stands still. */
export function legStats({ id, rtp: leg, link, transport }: MediaLeg, now: Millis): LegStats {
  const playout = link?.link.heard(leg)?.stats() ?? null
  const { peer, roundTrip } = leg.rtcp.reports
  return {
    leg: id,
    transport,
    local: leg.local,
    remote: leg.source.target,
    learnt: leg.source.source !== null,
    codec: leg.codec,
    received: { ...leg.received },
    sent: { ...leg.sent },
    rtcpReceived: leg.rtcp.received,
    dropped: { ...leg.dropped },
    lost: leg.reception.lost,
    jitter: leg.reception.jitter,
    silentFor: leg.heardAt === null ? null : now - leg.heardAt,
    peer: peer && { lost: peer.lost, lostTotal: peer.lostTotal, jitter: peer.jitter },
    roundTrip,
    mos: meanOpinion(leg, playout),
    playout,
  }
}

function meanOpinion(leg: RtpLeg, playout: PlayoutStats | null): MeanOpinion {
  const { peer } = leg.rtcp.reports
  const { lost, jitter } = leg.reception
  const due = leg.received.packets + lost
  // Where we play it ourselves, we know what was too late, and how long it waited.
  const missing = Math.min(due, lost + (playout?.late ?? 0))
  return {
    heard: leg.received.packets === 0 ? null : mos(leg, missing / due, playout?.delay ?? buffered(jitter ?? 0)),
    told: peer && mos(leg, peer.lostShare, buffered(peer.jitter)),
  }
}

// Where the peer does not tell the round trip, the way counts as none: what is left is the least delay there can be.
function mos(leg: RtpLeg, loss: number, buffer: Millis): number {
  const way = (leg.rtcp.reports.roundTrip ?? 0) / 2
  return quality({ codec: voiceOf(leg), loss, delay: way + buffer + FRAME }).mos
}

function buffered(jitter: Millis): Millis {
  return Math.min(LONGEST_BUFFER, JITTERS_BUFFERED * jitter)
}

/** The codec of the conversation: the last packet's, unless that was a key pressed (RFC 4733). */
function voiceOf({ codec, formats }: RtpLeg): string {
  const voice = formats.filter(({ advances }) => advances)
  return (voice.find((format) => format.codec === codec) ?? voice[0])?.codec ?? codec ?? ''
}
