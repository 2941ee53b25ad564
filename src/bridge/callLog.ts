import type { Clock, Millis } from '../platform/clock.ts'
import type { CallEvent } from './callEvent.ts'

/** Events that a call keeps, besides its end. */
const MOST_EVENTS = 200

/** What happens in a call, in order and up to a bound. It begins when the call comes in. */
export class CallLog {
  readonly #clock: Clock
  readonly #began: Millis
  readonly #events: CallEvent[] = []
  #omitted = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#began = clock.now()
  }

  /** The `at` of what happens now: ms since the call came in. */
  now(): Millis {
    return Math.round(this.#clock.now() - this.#began)
  }

  /** What has happened so far; how many events were not kept stands at its end. */
  get events(): readonly CallEvent[] {
    if (this.#omitted === 0) return this.#events
    return [...this.#events, { at: this.#events.at(-1)?.at ?? 0, type: 'omitted', count: this.#omitted }]
  }

  /** Keeps an event, up to the bound. */
  note(event: CallEvent): void {
    if (this.#events.length < MOST_EVENTS) this.#events.push(event)
    else this.#omitted++
  }
}
