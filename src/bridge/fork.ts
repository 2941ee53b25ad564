import type { Branch, BranchAnswer, BranchEvents } from './branch.ts'
import { ANSWERED_ELSEWHERE, reasonOf } from './causes.ts'
import { bestOf, type Refusal } from './refusal.ts'

/** How a fork ended. */
export type ForkOutcome =
  | { readonly kind: 'answered'; readonly branch: Branch; readonly answer: BranchAnswer }
  | { readonly kind: 'failed'; readonly refusal: Refusal }
  | { readonly kind: 'stopped' }

/** What happens while they ring. */
export type ForkEvents = Pick<BranchEvents, 'progressed' | 'reoffered'>

/**
 * Phones that ring together: the first answer wins, the others are told so; if all refuse, the best refusal stands for
 * them (RFC 3261 §16.7).
 */
export class Fork {
  readonly outcome: Promise<ForkOutcome>
  readonly #events: ForkEvents
  readonly #ringing = new Set<Branch>()
  readonly #refusals: Refusal[] = []
  #settle: (outcome: ForkOutcome) => void = () => {}
  #over = false

  /** Goes on until one has answered, a refusal has spoken for all, or it is `exhausted`. */
  constructor(events: ForkEvents) {
    this.#events = events
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get over(): boolean {
    return this.#over
  }

  /** Rings one phone more: settles when it has refused, and never if it answers or is cancelled. */
  ring(begin: (events: BranchEvents) => Branch): Promise<Refusal> {
    return new Promise((resolve) => {
      const branch = begin({
        progressed: (from, progress) => {
          if (!this.#over) this.#events.progressed(from, progress)
        },
        reoffered: (from, reoffer) => {
          if (this.#over) reoffer.reject(481)
          else this.#events.reoffered(from, reoffer)
        },
        answered: (from, answer) => {
          this.#ringing.delete(from)
          this.#end({ kind: 'answered', branch: from, answer }, ANSWERED_ELSEWHERE)
        },
        failed: (from, refusal) => {
          this.#ringing.delete(from)
          resolve(refusal)
        },
      })
      this.#ringing.add(branch)
    })
  }

  /** A phone has refused, or could not even be asked, and nothing takes its place. */
  refused(refusal: Refusal): void {
    this.#refusals.push(refusal)
    // §16.7 step 5: a 6xx speaks for all of the user's phones.
    if (refusal.status >= 600) this.#end({ kind: 'failed', refusal }, reasonOf(refusal.status))
  }

  /** Nobody has answered in time: those that still ring are stopped. `reason`: a Reason header's value. */
  giveUp(refusal: Refusal, reason: string | null): void {
    this.#end({ kind: 'failed', refusal }, reason)
  }

  /** There is no other phone to ask. */
  exhausted(): void {
    this.#end({ kind: 'failed', refusal: bestOf(this.#refusals) }, null)
  }

  /** Stops all ringing. `reason`: a Reason header's value for the phones. */
  stop(reason: string | null): void {
    this.#end({ kind: 'stopped' }, reason)
  }

  #end(outcome: ForkOutcome, reason: string | null): void {
    if (this.#over) return
    this.#over = true
    for (const branch of this.#ringing) branch.cancel(reason)
    this.#ringing.clear()
    this.#settle(outcome)
  }
}
