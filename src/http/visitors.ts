/** Connections to the web port in all, and from one address outside our own networks. */
const MOST = 20_000
const MOST_FROM_ONE_ADDRESS = 200

/** Counts who is connected to the web port, so that no one takes all of it. */
export class Visitors {
  readonly #perAddress = new Map<string, number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Lets `address` in; gives what to call when it leaves. Null: there is no room. `stranger`: of none of our networks. */
  enter(address: string, stranger: boolean): (() => void) | null {
    const present = this.#perAddress.get(address) ?? 0
    if (this.#size >= MOST || (stranger && present >= MOST_FROM_ONE_ADDRESS)) return null
    this.#size++
    this.#perAddress.set(address, present + 1)
    return () => this.#leave(address)
  }

  #leave(address: string): void {
    this.#size--
    const left = (this.#perAddress.get(address) ?? 1) - 1
    if (left > 0) this.#perAddress.set(address, left)
    else this.#perAddress.delete(address)
  }
}
