import type { Clock, Millis } from '../../platform/clock.ts'

/** Packets a second from which on a moment's sleep between polls costs less than it saves, and below which it is given up. */
const WORTH_IT = 1500
const NO_LONGER = 1000
/** A poll that finds as many is cheap by itself: 64 packets share what a wake-up costs. */
const MANY = 64
/** How long a moment is, ms: what it adds to a packet's delay at most. */
const MOMENT: Millis = 1.5
/** The rate is measured over this many packets while the loop is left alone, and over this long, ms, while it is not. */
const PACKETS = 64
const WINDOW: Millis = 100

/** What a thread does after it has taken all that a poll found. */
export type Next =
  /** Wait in the event loop until something comes, as any program does. */
  | 'wait'
  /** Look again at once. */
  | 'poll'
  /** Sleep a moment, then look. */
  | 'sleep'

/** What comes next where `rate` packets a second come and the last poll found `batch`. */
export function nextStep(isModerating: boolean, rate: number, batch: number): Next {
  if (rate < (isModerating ? NO_LONGER : WORTH_IT)) return 'wait'
  return batch < MANY ? 'sleep' : 'poll'
}

/** Memory by which one thread wakes another that sleeps in its `Moderation`. */
export type WakeCell = Int32Array<SharedArrayBuffer>

export function newWakeCell(): WakeCell {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}

/** Wakes the thread of `cell`, and lets it not go to sleep in this turn: to be called after giving it something to do. */
export function wake(cell: WakeCell): void {
  Atomics.add(cell, 0, 1)
  Atomics.notify(cell, 0)
}

/** Sleeps for `limit` ms, or until the cell is another than `seen`. */
export type Sleep = (cell: WakeCell, seen: number, limit: Millis) => void

const sleepOn: Sleep = (cell, seen, limit) => void Atomics.wait(cell, 0, seen, limit)

/**
 * Interrupt moderation: to wake an event loop costs several times what a packet does, so a thread through which many
 * packets pass sleeps a moment between polls, and each poll finds a batch. Where few pass it leaves the loop alone.
 */
export class Moderation {
  readonly #cell: WakeCell
  readonly #clock: Clock
  readonly #sleep: Sleep
  /** Packets since the last poll, and since `#since`. */
  #batch = 0
  #packets = 0
  #since: Millis = 0
  #rate = 0
  #isModerating = false
  /** The cell as it was before the last poll: if it is another now, there may be something that the poll did not find. */
  #seen = 0

  constructor(cell: WakeCell, clock: Clock, sleep: Sleep = sleepOn) {
    this.#cell = cell
    this.#clock = clock
    this.#sleep = sleep
  }

  /** To be called for each packet that comes. */
  count(): void {
    this.#batch++
    this.#packets++
    if (this.#isModerating || this.#packets < PACKETS) return
    this.#measure(this.#clock.now())
    if (nextStep(false, this.#rate, this.#batch) === 'wait') return
    this.#isModerating = true
    this.#again()
  }

  #measure(now: Millis): void {
    this.#rate = (this.#packets * 1000) / (now - this.#since)
    this.#since = now
    this.#packets = 0
  }

  readonly #turn = (): void => {
    const now = this.#clock.now()
    if (now - this.#since >= WINDOW) this.#measure(now)
    const next = nextStep(true, this.#rate, this.#batch)
    if (next === 'sleep') this.#sleep(this.#cell, this.#seen, MOMENT)
    if (next === 'wait') this.#isModerating = false
    else this.#again()
  }

  #again(): void {
    this.#batch = 0
    this.#seen = Atomics.load(this.#cell, 0)
    this.#clock.endOfTurn(this.#turn)
  }
}
