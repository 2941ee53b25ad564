import type { Clock, Millis, Timer } from '../../platform/clock.ts'

/** How long an item may wait that is in no hurry: no person notices, and other calls' items go along. */
const PATIENCE: Millis = 10

/**
 * Gathers what one thread has to say to another in a turn of its event loop and sends it as one message: to wake the other
 * thread costs far more than what is said.
 */
export class Batch<Item> {
  readonly #clock: Clock
  readonly #send: (items: readonly Item[]) => void
  #items: Item[] = []
  #leaving = false
  #timer: Timer | null = null

  constructor(clock: Clock, send: (items: readonly Item[]) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Adds an item; they are sent in this order, at the end of this turn. */
  add(item: Item): void {
    this.#items.push(item)
    if (this.#leaving) return
    this.#leaving = true
    this.#clock.endOfTurn(() => this.#flush())
  }

  /** Adds an item that goes with the next one that is in a hurry, or in 10 ms. */
  addPatient(item: Item): void {
    this.#items.push(item)
    if (!this.#leaving) this.#timer ??= this.#clock.after(PATIENCE, () => this.#flush())
  }

  #flush(): void {
    this.#leaving = false
    this.#timer?.cancel()
    this.#timer = null
    const items = this.#items
    this.#items = []
    if (items.length > 0) this.#send(items)
  }
}
