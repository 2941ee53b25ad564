import type { Millis } from '../../platform/clock.ts'
import { Activity } from './activity.ts'
import { Limiter } from './limiter.ts'

/** How long a voice takes to come or go, so that it does not click. */
const RAMP: Millis = 5

/** One of those who are in a room. Each tick: `write` what it says, the mixer's `mix`, `read` what it hears. */
export class Party<Id> {
  readonly id: Id
  /** Nobody hears it, and it does not count as talking. */
  isMuted = false
  /** The mixer's: it is among those that are mixed. */
  isChosen = false
  /** The mixer's: it is heard for the last time. */
  isLeaving = false
  readonly #activity: Activity
  readonly #limiter: Limiter
  /** The sum of all, which the mixer makes. */
  readonly #total: Int32Array
  readonly #ramp: Float64Array
  /** Samples by which the limiter is late. */
  readonly #late: number
  /** What was written for the next tick, and what is part of the total in this one. */
  #next: Int16Array
  #frame: Int16Array
  #isFresh = false
  #meanSquare = 0
  /** Whether it was heard to the end of the last tick. */
  #isHeard = false
  #isInTotal = false
  #hasListened = false

  /** `total` is a frame at `sampleRate` Hz. */
  constructor(id: Id, sampleRate: number, total: Int32Array) {
    this.id = id
    this.#total = total
    this.#limiter = new Limiter(sampleRate, total.length)
    this.#late = (Limiter.delay * sampleRate) / 1000
    this.#activity = new Activity((1000 * total.length) / sampleRate)
    this.#next = new Int16Array(total.length)
    this.#frame = new Int16Array(total.length)
    const length = Math.min((RAMP * sampleRate) / 1000, Math.floor(total.length / 2))
    this.#ramp = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * (i + 0.5)) / length))
  }

  /** Of the last frames, the loudest; as a mean of squares. */
  get level(): number {
    return this.#activity.level
  }

  get isTalking(): boolean {
    return this.#activity.isTalking
  }

  /** Takes what it says in the next tick: a frame. Without one it is silent. Allocates nothing. */
  write(pcm: Int16Array): void {
    const next = this.#next
    if (pcm.length !== next.length) throw new RangeError(`A frame has ${next.length} samples, not ${pcm.length}`)
    let sum = 0
    for (let i = 0; i < next.length; i++) {
      const sample = pcm[i] ?? 0
      next[i] = sample
      sum += sample * sample
    }
    this.#meanSquare = sum / next.length
    this.#isFresh = true
  }

  /** Writes what it hears to `out`, a frame: all that are mixed but itself, 1 ms later. Once a tick; allocates nothing. */
  read(out: Int16Array): void {
    this.#limiter.limit(this.#total, this.#isInTotal ? this.#frame : null, out)
    if (this.#hasListened) return
    this.#hasListened = true
    for (let i = 0; i < this.#ramp.length; i++) out[i + this.#late] = (out[i + this.#late] ?? 0) * this.#up(i)
  }

  /** The mixer's, before it chooses: how loud is what was written? */
  listen(): void {
    if (this.#isFresh && !this.isMuted && !this.isLeaving) this.#activity.note(this.#meanSquare)
    else this.#activity.noteNothing()
  }

  /** The mixer's: adds what it says in this tick to the total. */
  speak(): void {
    const willBeHeard = this.#isFresh && this.isChosen && !this.isMuted && !this.isLeaving
    this.#isInTotal = willBeHeard || this.#isHeard
    if (this.#isFresh) this.#turnOver()
    if (this.#isInTotal) {
      if (!this.#isHeard) this.#comeIn()
      else if (!willBeHeard) this.#goOut()
      this.#add()
    }
    this.#isHeard = willBeHeard
    this.#isFresh = false
  }

  #turnOver(): void {
    const frame = this.#frame
    this.#frame = this.#next
    this.#next = frame
  }

  #comeIn(): void {
    for (let i = 0; i < this.#ramp.length; i++) this.#frame[i] = (this.#frame[i] ?? 0) * this.#up(i)
  }

  /** Where nothing was written for this tick it goes out with the last frame, played backwards: that joins on. */
  #goOut(): void {
    const frame = this.#frame
    const length = this.#ramp.length
    const last = frame.length - 1
    for (let i = 0; i < length; i++) {
      const sample = this.#isFresh ? frame[i] : frame[last - i]
      frame[i] = (sample ?? 0) * this.#up(length - 1 - i)
    }
    frame.fill(0, length)
  }

  #up(i: number): number {
    return this.#ramp[i] ?? 1
  }

  #add(): void {
    const [total, frame] = [this.#total, this.#frame]
    for (let i = 0; i < total.length; i++) total[i] = (total[i] ?? 0) + (frame[i] ?? 0)
  }
}
