import type { Clock, Millis, Timer } from '../../../src/platform/clock.ts'

interface Pending {
  readonly due: Millis
  readonly order: number
  readonly run: () => void
}

/**
 * Time that moves only when a test says so. Timers run in the order of their due time; between two timers all promises
 * settle, so that code under test sees the same order of events as on a real clock.
 */
export class VirtualClock implements Clock {
  #now = 0
  #order = 0
  readonly #pending = new Set<Pending>()
  #turn: (() => void)[] = []
  readonly #startedAt = Date.UTC(2026, 0, 5, 9, 0, 0)

  now(): Millis {
    return this.#now
  }

  wall(): Date {
    return new Date(this.#startedAt + this.#now)
  }

  after(delay: Millis, run: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, delay), order: this.#order++, run }
    this.#pending.add(timer)
    return { cancel: () => this.#pending.delete(timer) }
  }

  endOfTurn(run: () => void): void {
    this.#turn.push(run)
  }

  /** Timers that have not fired nor been cancelled: what a leak test counts. */
  get timers(): number {
    return this.#pending.size
  }

  /** Moves time by `span` ms and runs all that falls due. */
  async advance(span: Millis): Promise<void> {
    await this.#until(this.#now + span, () => false)
  }

  /** Moves time until `reached` holds, at most `limit` ms; says whether it did. */
  async advanceUntil(reached: () => boolean, limit: Millis): Promise<boolean> {
    return this.#until(this.#now + limit, reached)
  }

  async #until(end: Millis, reached: () => boolean): Promise<boolean> {
    await this.#settle()
    while (!reached()) {
      const next = this.#next()
      if (next === null || next.due > end) {
        this.#now = end
        return reached()
      }
      this.#pending.delete(next)
      this.#now = next.due
      next.run()
      await this.#settle()
    }
    return true
  }

  #next(): Pending | null {
    let first: Pending | null = null
    for (const timer of this.#pending) {
      if (first === null || timer.due < first.due || (timer.due === first.due && timer.order < first.order))
        first = timer
    }
    return first
  }

  // A real turn of the event loop lets every promise chain run out before time goes on.
  async #settle(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve))
      const turn = this.#turn
      this.#turn = []
      for (const run of turn) run()
    } while (this.#turn.length > 0 || (await this.#promisesStirred()))
  }

  async #promisesStirred(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve))
    return this.#turn.length > 0
  }
}
