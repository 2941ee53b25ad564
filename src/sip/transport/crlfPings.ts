import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { ConnectionFlow } from './connection.ts'

/** Shorter than the 30 s after which the meanest NATs forget a connection. */
const PING_EVERY: Millis = 25_000
/** RFC 5626 §4.4.1. */
const PONG_WITHIN: Millis = 10_000
const PING = Buffer.from('\r\n\r\n')

/**
 * Pings the peer of a connection that we have opened, as long as somebody holds it (RFC 5626 §3.5.1), and closes it when
 * nothing comes back: but not that of a peer that has never answered a ping, as those who don't know of it do.
 */
export function pingWhileHeld(flow: ConnectionFlow, clock: Clock): void {
  let answers = false
  let sentAt: Millis = 0
  const ping = (): void => {
    if (!flow.held) {
      timer = clock.after(PING_EVERY, ping)
      return
    }
    sentAt = clock.now()
    flow.send(PING)
    timer = clock.after(PONG_WITHIN, judge)
  }
  const judge = (): void => {
    if (flow.heardAt >= sentAt) answers ||= flow.pongedAt >= sentAt
    else if (answers) return flow.close()
    timer = clock.after(PING_EVERY - PONG_WITHIN, ping)
  }
  let timer: Timer = clock.after(PING_EVERY, ping)
  flow.onClosed(() => timer.cancel())
}
