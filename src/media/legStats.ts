import type { Millis } from '../platform/clock.ts'
import type { RtpLeg } from '../rtp/rtpLeg.ts'
import type { LegId, LegStats } from './engine.ts'

/** A leg's counters at `now`, as a copy that stands still. */
export function legStats(id: LegId, leg: RtpLeg, now: Millis): LegStats {
  return {
    leg: id,
    local: leg.local,
    remote: leg.source.target,
    learnt: leg.source.source !== null,
    codec: leg.codec,
    received: { ...leg.received },
    sent: { ...leg.sent },
    rtcpReceived: leg.rtcpReceived,
    dropped: { ...leg.dropped },
    lost: leg.reception.lost,
    jitter: leg.reception.jitter,
    silentFor: leg.heardAt === null ? null : now - leg.heardAt,
  }
}
