/** Packets held at most, and how far apart in order they may be: more than 1 s of packets of 10 ms. A power of two. */
const SLOTS = 128
const EMPTY = -1
/** A slot's memory grows in steps of so many octets. */
const GRAIN = 256

export type Inserted = 'kept' | 'late' | 'duplicate'

/**
 * The packets of one leg that wait to be played, in order. It has memory for as many as ever waited at once, in slots that
 * are used again: in the long run it allocates nothing. `T` is what its owner knows of a packet beside its octets.
 */
export class JitterBuffer<T> {
  /** The sequence number to be played next: what is before it comes too late. */
  next = Number.NEGATIVE_INFINITY
  /** The packet at the front: its extended sequence number, its time (ms); they say nothing while `count` is 0. */
  sequence = 0
  time = 0
  count = 0

  #newest = 0
  /** By sequence number modulo SLOTS: which slot holds it. */
  readonly #slotOf = new Int16Array(SLOTS).fill(EMPTY)
  readonly #sequences = new Float64Array(SLOTS)
  readonly #times = new Float64Array(SLOTS)
  readonly #lengths = new Int32Array(SLOTS)
  readonly #octets: Uint8Array[] = []
  readonly #about: T[] = []
  /** Slots not in use, the last one first: those that have memory already are taken before others. */
  readonly #free = Int16Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i)

  /**
   * Copies `length` octets of `packet` from `start` on. `sequence` is extended (it does not wrap). One too far ahead of those
   * that wait pushes the oldest out.
   */
  insert(sequence: number, time: number, about: T, packet: Uint8Array, start: number, length: number): Inserted {
    if (sequence < this.next) return 'late'
    if (this.count > 0 && sequence <= this.#newest - SLOTS) return 'late'
    while (this.count > 0 && sequence >= this.sequence + SLOTS) this.drop()
    const at = sequence & (SLOTS - 1)
    if (this.#slotOf[at] !== EMPTY) return 'duplicate'
    const slot = this.#free[SLOTS - 1 - this.count] ?? 0
    this.#slotOf[at] = slot
    this.#sequences[slot] = sequence
    this.#times[slot] = time
    this.#about[slot] = about
    this.#copy(slot, packet, start, length)
    if (this.count === 0 || sequence > this.#newest) this.#newest = sequence
    this.count++
    if (this.count === 1 || sequence < this.sequence) this.#setFront(slot)
    return 'kept'
  }

  /** How much sound lies between the first and the last packet that wait, ms. */
  get span(): number {
    if (this.count === 0) return 0
    const newest = this.#slotOf[this.#newest & (SLOTS - 1)] ?? 0
    return (this.#times[newest] ?? 0) - this.time
  }

  /** What its owner said of the packet at the front; undefined if none waits. */
  get about(): T | undefined {
    return this.count === 0 ? undefined : this.#about[this.#frontSlot]
  }

  /** Octets of the packet at the front. */
  get length(): number {
    return this.#lengths[this.#frontSlot] ?? 0
  }

  /** The octets of the packet at the front, from the first of this memory on: as many as `length` are its own. */
  get octets(): Uint8Array {
    return this.#octets[this.#frontSlot] ?? NOTHING
  }

  /** Lets the packet at the front go; what comes before the one behind it is late from now on. */
  drop(): void {
    if (this.count === 0) return
    const at = this.sequence & (SLOTS - 1)
    this.next = this.sequence + 1
    this.count--
    this.#free[SLOTS - 1 - this.count] = this.#slotOf[at] ?? 0
    this.#slotOf[at] = EMPTY
    if (this.count === 0) return
    let behind = this.sequence + 1
    while (this.#slotOf[behind & (SLOTS - 1)] === EMPTY) behind++
    this.#setFront(this.#slotOf[behind & (SLOTS - 1)] ?? 0)
  }

  /** Lets all go that wait. */
  clear(): void {
    while (this.count > 0) this.drop()
  }

  get #frontSlot(): number {
    return this.#slotOf[this.sequence & (SLOTS - 1)] ?? 0
  }

  #setFront(slot: number): void {
    this.sequence = this.#sequences[slot] ?? 0
    this.time = this.#times[slot] ?? 0
  }

  #copy(slot: number, packet: Uint8Array, start: number, length: number): void {
    let octets = this.#octets[slot]
    if (octets === undefined || octets.length < length) {
      octets = new Uint8Array(GRAIN * Math.ceil(Math.max(1, length) / GRAIN))
      this.#octets[slot] = octets
    }
    // By hand: `set` would need a view of the payload, and that is an object a packet.
    for (let i = 0; i < length; i++) octets[i] = packet[start + i] ?? 0
    this.#lengths[slot] = length
  }
}

const NOTHING = new Uint8Array(0)
