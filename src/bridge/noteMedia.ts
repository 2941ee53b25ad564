import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { Call, Leg } from './call.ts'
import type { MediaChange } from './callEvent.ts'

/** The same re-INVITE of `leg`, with a note in the call of how it was answered. */
export function noted({ log }: Call, leg: Leg, reoffer: Reoffer): Reoffer {
  const before = holds(leg)
  const note = (change: MediaChange, status: number | null): void => {
    if (!reoffer.withdrawn) log.note({ at: log.now(), type: 'media', by: leg.role, change, status })
  }
  return {
    get request() {
      return reoffer.request
    },
    get withdrawn() {
      return reoffer.withdrawn
    },
    onWithdrawn: (run) => reoffer.onWithdrawn(run),
    accept(body) {
      const after = holds(leg)
      note(before === after ? 'renewed' : after ? 'held' : 'resumed', null)
      reoffer.accept(body)
    },
    reject(status, headers) {
      note('renewed', status)
      reoffer.reject(status, headers)
    },
  }
}

// What the peer asked for: who only sends, or nothing at all, has put the other on hold (RFC 3264 §8.4).
function holds(leg: Leg): boolean {
  const { direction } = (leg.way === 'relay' ? leg.media.wish : leg.said) ?? {}
  return direction === 'sendonly' || direction === 'inactive'
}
