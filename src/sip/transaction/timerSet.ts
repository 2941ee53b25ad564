import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { TimerName } from './timers.ts'

/** Whose timers they are. */
export interface TimerOwner {
  fired(timer: TimerName): void
}

interface Running {
  readonly name: TimerName
  readonly timer: Timer
  readonly next: Running | null
}

/** The running timers of one transaction, by name: never more than two. */
export class TimerSet {
  readonly #clock: Clock
  readonly #owner: TimerOwner
  #running: Running | null = null

  constructor(clock: Clock, owner: TimerOwner) {
    this.#clock = clock
    this.#owner = owner
  }

  start(name: TimerName, delay: Millis): void {
    this.stop(name)
    const timer = this.#clock.after(delay, () => {
      this.#running = without(this.#running, name)
      this.#owner.fired(name)
    })
    this.#running = { name, timer, next: this.#running }
  }

  stop(name: TimerName): void {
    for (let at = this.#running; at; at = at.next) if (at.name === name) at.timer.cancel()
    this.#running = without(this.#running, name)
  }

  clear(): void {
    for (let at = this.#running; at; at = at.next) at.timer.cancel()
    this.#running = null
  }
}

function without(list: Running | null, name: TimerName): Running | null {
  if (list === null) return null
  return list.name === name ? list.next : { ...list, next: without(list.next, name) }
}
