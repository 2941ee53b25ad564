import { type Call, newCall, type Outcome } from '../../web/src/phone/state.ts'

/** A call with 102 that began at 1000 ms. */
export function callWith(part: Partial<Call> = {}): Call {
  return { ...newCall('c1', 'out', { user: '102', name: null }, 1000), ...part }
}

/** How `call` ended at `endedAt`. */
export function endOf(call: Call, outcome: Outcome, endedAt: number) {
  return { call, outcome, endedAt, problem: null }
}
