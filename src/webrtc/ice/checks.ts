import type { Millis } from '../../platform/clock.ts'
import type { Pair } from './pair.ts'
import type { IceRole } from './stunMessage.ts'

/** The first retransmission of a check, ms; each further one takes twice as long (RFC 8445 §14.3). */
const FIRST_WAIT = 500
/** After so many a check has failed. */
const SENDS = 5
/** How long an answer to a check is waited for that is not repeated, ms. */
const LAST_WAIT = 4000
/** Checks of one pair that may wait for their answers at the same time. */
const MOST_OF_PAIR = 4

/** A check that waits for its answer. */
export interface Transaction {
  readonly id: string
  readonly pair: Pair
  readonly octets: Uint8Array
  /** Ours, as it says. */
  readonly role: IceRole
  readonly nominates: boolean
}

interface Waiting extends Transaction {
  sent: number
  dueAt: Millis
}

/** The checks of an agent that wait for their answers. */
export class Checks {
  readonly #waiting = new Map<string, Waiting>()

  get size(): number {
    return this.#waiting.size
  }

  /** When the next has to be sent again, or given up. */
  get dueAt(): Millis {
    let due = Number.POSITIVE_INFINITY
    for (const { dueAt } of this.#waiting.values()) due = Math.min(due, dueAt)
    return due
  }

  get nominates(): boolean {
    return [...this.#waiting.values()].some(({ nominates }) => nominates)
  }

  /** Whether one more check of this pair is too many. */
  isBusy(pair: Pair): boolean {
    return this.#of(pair).length >= MOST_OF_PAIR
  }

  /**
   * Sends a check; again and again if `repeats`, as those that keep consent must not be (RFC 7675 §5.1). Earlier ones of its
   * pair are not sent again, yet their answers still count (RFC 8445 §7.3.1.4).
   */
  send(transaction: Transaction, repeats: boolean, now: Millis): void {
    for (const earlier of this.#of(transaction.pair)) giveLast(earlier, now)
    const waiting = { ...transaction, sent: 0, dueAt: now }
    this.#waiting.set(transaction.id, waiting)
    transmit(waiting, now)
    if (!repeats) giveLast(waiting, now)
  }

  /** The check that this answers, which then waits no more; null: none. */
  answered(id: string): Transaction | null {
    const found = this.#waiting.get(id) ?? null
    this.#waiting.delete(id)
    return found
  }

  /** Sends again what is due; gives the pairs whose last check got no answer. */
  repeat(now: Millis): Pair[] {
    const failed: Pair[] = []
    for (const waiting of this.#waiting.values()) {
      if (now < waiting.dueAt) continue
      if (waiting.sent < SENDS) transmit(waiting, now)
      else {
        this.#waiting.delete(waiting.id)
        if (this.#of(waiting.pair).length === 0) failed.push(waiting.pair)
      }
    }
    return failed
  }

  clear(): void {
    this.#waiting.clear()
  }

  #of(pair: Pair): Waiting[] {
    return [...this.#waiting.values()].filter((each) => each.pair === pair)
  }
}

function transmit(waiting: Waiting, now: Millis): void {
  waiting.sent++
  waiting.dueAt = now + FIRST_WAIT * 2 ** (waiting.sent - 1)
  waiting.pair.base.send(waiting.octets, waiting.pair.remote)
}

function giveLast(waiting: Waiting, now: Millis): void {
  if (waiting.sent >= SENDS) return
  waiting.sent = SENDS
  waiting.dueAt = now + LAST_WAIT
}
