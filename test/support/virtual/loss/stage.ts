import type { Clock, Millis } from '../../../../src/platform/clock.ts'

/** Something that had to happen did not. */
export class Missed extends Error {}

interface Wait {
  readonly what: string
  readonly reached: () => boolean
  readonly due: Millis
  readonly settle: (missed: Missed | null) => void
}

/** Where several plays go on at once on one virtual clock: each waits for what it needs to see, and all share the time. */
export class Stage {
  readonly clock: Clock
  readonly #waits = new Set<Wait>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Waits until `reached` holds; rejects with `Missed` if it does not within `limit` ms. */
  until(what: string, reached: () => boolean, limit: Millis): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(limit, () => {})
      const wait: Wait = {
        what,
        reached,
        due: this.clock.now() + limit,
        settle: (missed) => {
          timer.cancel()
          this.#waits.delete(wait)
          if (missed) reject(missed)
          else resolve()
        },
      }
      this.#waits.add(wait)
    })
  }

  pause(span: Millis): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(span, resolve)
    })
  }

  /** Looks whether anyone has waited long enough: to be called whenever something may have happened. */
  look(): void {
    for (const wait of this.#waits) {
      if (wait.reached()) wait.settle(null)
      else if (this.clock.now() >= wait.due) wait.settle(new Missed(`never seen: ${wait.what}`))
    }
  }
}
