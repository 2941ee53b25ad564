/** A power of two, so that a word's place is found by a remainder that is never negative. */
const WORDS = 8
/** How far behind the newest packet one may come and still be taken; RFC 3711 §3.3.2 asks for 64. */
export const REPLAY_WINDOW = (WORDS - 1) * 32

/** Which packet indices have been taken (RFC 3711 §3.3.2): a ring of bits behind the newest (as RFC 6479 does it). */
export class ReplayWindow {
  readonly #taken = new Int32Array(WORDS)
  /** Of the newest packet; -1 while there was none. */
  #newest = -1

  get newest(): number {
    return this.#newest
  }

  /** Whether `index` was taken before, or is so old that nobody knows. */
  has(index: number): boolean {
    if (index > this.#newest) return false
    if (this.#newest - index >= REPLAY_WINDOW) return true
    return (((this.#taken[place(index)] ?? 0) >>> (index % 32)) & 1) === 1
  }

  /** Notes a packet that `has` knew nothing of and that has proved to be genuine. */
  add(index: number): void {
    if (index > this.#newest) this.#advance(index)
    const at = place(index)
    this.#taken[at] = (this.#taken[at] ?? 0) | (1 << (index % 32))
  }

  #advance(index: number): void {
    const from = this.#newest < 0 ? -1 : Math.floor(this.#newest / 32)
    const fresh = Math.min(Math.floor(index / 32) - from, WORDS)
    for (let back = 0; back < fresh; back++) this.#taken[place(index - 32 * back)] = 0
    this.#newest = index
  }
}

function place(index: number): number {
  return Math.floor(index / 32) & (WORDS - 1)
}
