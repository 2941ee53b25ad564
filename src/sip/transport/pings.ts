import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { WebSocketConnection } from '../../platform/webNetwork.ts'
import type { ConnectionFlow } from './connection.ts'

/** Shorter than the 30 s after which the meanest NATs and proxies forget a connection. */
const PING_EVERY: Millis = 25_000
const PONG_WITHIN: Millis = 10_000

/**
 * Keeps a WebSocket open through NATs and proxies, and closes it when nothing comes back (RFC 7118 §6): the server does
 * it, for a browser slows the timers of a tab that is hidden, but answers a ping by itself.
 */
export function keepOpen(connection: WebSocketConnection, flow: ConnectionFlow, clock: Clock): void {
  let sentAt: Millis = 0
  let answered = true
  const ping = (): void => {
    answered = false
    sentAt = clock.now()
    connection.ping()
    timer = clock.after(PONG_WITHIN, judge)
  }
  const judge = (): void => {
    if (answered) timer = clock.after(PING_EVERY - PONG_WITHIN, ping)
    else flow.close()
  }
  let timer: Timer = clock.after(PING_EVERY, ping)
  connection.onPong(() => {
    // One that was not asked for is allowed, and says nothing (RFC 6455 §5.5.3).
    if (answered) return
    answered = true
    flow.answered(clock.now() - sentAt)
  })
  flow.onClosed(() => timer.cancel())
}
