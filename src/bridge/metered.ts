import type { Timer } from '../platform/clock.ts'
import type { Bridge, LineAttempt } from './bridge.ts'
import type { Call } from './call.ts'

/** ms */
const MINUTE = 60_000

/** A call into the phone network. */
export type Dial = Extract<LineAttempt, { readonly action: 'dial' }>

/** Counts a call that goes out over a trunk, tells of caps that it nearly reaches, and ends it where it reaches one. The function that it gives ends the count. */
export function metered(bridge: Bridge, call: Call, dial: Dial): () => void {
  // What a trunk or a number brings is counted since it came.
  const payer = dial.account.startsWith('user:') ? [dial.account] : []
  const release = bridge.usage.take(call, [...payer, `trunk:${dial.trunk}`], true)
  warnOfCaps(bridge, call, dial)
  let given = false
  call.onAnswered(() => {
    if (!given) endInTime(bridge, call, dial)
  })
  return () => {
    given = true
    release()
  }
}

// An admin should hear of it before calls are refused.
function warnOfCaps(bridge: Bridge, { id, log }: Call, dial: Dial): void {
  for (const cap of bridge.nearCaps(dial)) {
    bridge.log.warn({ call: id }, `a cap is nearly reached: ${cap}`)
    log.note({ at: log.now(), type: 'cap-near', cap })
  }
}

// A stolen password must not talk for a week. Others of the same account use its minutes up as well, and the cap may be another by
// now: so it is looked at before each minute that begins.
function endInTime(bridge: Bridge, call: Call, dial: Dial): void {
  const reason = 'the minutes of the day are used up'
  const look = (): void => {
    timer = bridge.clock.after(MINUTE, look)
    if (bridge.timeLeft(dial) === 0) bridge.calls.end(call, { by: 'server', outcome: 'answered', status: 200, reason })
  }
  let timer: Timer = bridge.clock.after(MINUTE, look)
  call.onEnded(() => timer.cancel())
}
