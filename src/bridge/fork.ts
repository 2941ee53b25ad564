import type { Progress } from '../sip/dialog/outgoingInvite.ts'
import type { Reoffer } from '../sip/dialog/sessionUser.ts'
import type { Branch, BranchAnswer, BranchEvents } from './branch.ts'

/** RFC 3326: what the phones that lost the race are told, so that they show no missed call. */
const ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'

/** How a fork ended. */
export type ForkOutcome =
  | { readonly kind: 'answered'; readonly branch: Branch; readonly answer: BranchAnswer }
  | { readonly kind: 'failed'; readonly status: number }
  | { readonly kind: 'stopped' }

/** What happens while they ring. */
export type ForkEvents = Pick<BranchEvents, 'progressed' | 'reoffered'>

/**
 * Phones that ring together: the first answer wins, the others are told so; if all refuse, the best refusal stands for
 * them (RFC 3261 §16.7).
 */
export class Fork implements BranchEvents {
  readonly outcome: Promise<ForkOutcome>
  readonly #events: ForkEvents
  readonly #ringing = new Set<Branch>()
  readonly #refusals: number[] = []
  #settle: (outcome: ForkOutcome) => void = () => {}
  #expected: number
  #over = false

  /** `expected`: how many branches there will be; until all have failed the fork goes on. */
  constructor(expected: number, events: ForkEvents) {
    this.#expected = expected
    this.#events = events
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get over(): boolean {
    return this.#over
  }

  add(branch: Branch): void {
    this.#ringing.add(branch)
  }

  /** A phone that could not even be asked. */
  unreachable(): void {
    this.#refused(480)
  }

  /** Stops all ringing. `reason`: a Reason header's value for the phones. */
  stop(reason: string | null): void {
    this.#end({ kind: 'stopped' }, reason)
  }

  progressed(branch: Branch, progress: Progress): void {
    if (!this.#over) this.#events.progressed(branch, progress)
  }

  reoffered(branch: Branch, reoffer: Reoffer): void {
    if (this.#over) reoffer.reject(481)
    else this.#events.reoffered(branch, reoffer)
  }

  answered(branch: Branch, answer: BranchAnswer): void {
    this.#ringing.delete(branch)
    this.#end({ kind: 'answered', branch, answer }, ANSWERED_ELSEWHERE)
  }

  failed(branch: Branch, status: number): void {
    this.#ringing.delete(branch)
    this.#refused(status)
  }

  #refused(status: number): void {
    this.#refusals.push(status)
    // §16.7 step 5: a 6xx speaks for all of the user's phones.
    if (status >= 600) this.#end({ kind: 'failed', status }, null)
    else if (this.#refusals.length === this.#expected) this.#end({ kind: 'failed', status: best(this.#refusals) }, null)
  }

  #end(outcome: ForkOutcome, reason: string | null): void {
    if (this.#over) return
    this.#over = true
    for (const branch of this.#ringing) branch.cancel(reason)
    this.#ringing.clear()
    this.#settle(outcome)
  }
}

// §16.7 step 6: the lowest class; within it what says most to a caller. Busy says more than being away.
function best(statuses: readonly number[]): number {
  const rank = (status: number): number => Math.floor(status / 100) * 1000 + (status === 480 ? 999 : status % 100)
  return statuses.reduce((a, b) => (rank(b) < rank(a) ? b : a))
}
