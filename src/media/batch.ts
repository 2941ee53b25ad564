import type { Clock } from '../platform/clock.ts'

/**
 * Gathers what one thread has to say to another in a turn of its event loop and sends it as one message: to wake the other
 * thread costs far more than what is said.
 */
export class Batch<Item> {
  readonly #clock: Clock
  readonly #send: (items: readonly Item[]) => void
  #items: Item[] = []

  constructor(clock: Clock, send: (items: readonly Item[]) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Adds an item; they are sent in this order. */
  add(item: Item): void {
    if (this.#items.length === 0) this.#clock.endOfTurn(() => this.#flush())
    this.#items.push(item)
  }

  #flush(): void {
    const items = this.#items
    this.#items = []
    this.#send(items)
  }
}
