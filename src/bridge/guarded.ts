import type { Bridge } from './bridge.ts'
import type { Call } from './call.ts'

/** Sees work for a call through: an error of ours ends that call, with a line in the log, and touches no other. */
export function guarded(bridge: Bridge, call: Call, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    const stack = error instanceof Error ? error.stack : String(error)
    bridge.log.error({ call: call.id, stack }, 'a call ended by an error of the server')
    const answered = call.state === 'up'
    const reason = 'an error of the server; its log says more'
    bridge.calls.end(call, {
      by: 'server',
      outcome: answered ? 'answered' : 'failed',
      status: answered ? 200 : 500,
      reason,
    })
  })
}
