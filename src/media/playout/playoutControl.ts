import type { Millis } from '../../platform/clock.ts'

/** How much more than the target a packet may be early before that is worth a change, so that noise in it is none, ms. */
const SLACK: Millis = 3
/** Needs that are looked at, one after the other, before sound is shortened, and before it is lengthened. */
const PATIENCE = 8
const HASTE = 3
/** So much too much is not waited with, ms. */
const URGENT: Millis = 40
/** A rest shorter than the shortest pitch period can't be taken out, ms. */
const LEAST: Millis = 2.5
/** Whatever little is missing, room for a whole period is given: what that is too much is a rest, and can go again, ms. */
const A_PERIOD: Millis = 12.5

/**
 * Decides by how much sound should be longer or shorter.
 *
 * What counts is how late a packet may come: `early`, from the quickest packet's arrival to the pull that needs it. As pulls come
 * every `frame` ms, that changes in steps: what waits decoded when a packet is needed, the rest, is delay that buys nothing,
 * and is taken out wherever possible; beyond it whole steps are, or put in, until `early` is just above the target.
 */
export class PlayoutControl {
  #needs = 0
  #leastEarly = 0
  #mostEarly = 0
  #leastRest = 0
  #step = 1

  /** A packet of `length` ms was needed `early` ms after the quickest could have come, with `rest` ms still to be played. */
  note(early: Millis, rest: Millis, length: Millis, frame: Millis): void {
    if (this.#needs === PATIENCE) this.reset()
    // A pull may need several short packets: the last one has the least time to come.
    const further = length > 0 ? Math.floor(Math.max(0, frame - rest - 0.5) / length) * length : 0
    const least = early - further
    this.#step = commonDivisor(Math.max(1, Math.round(length)), Math.round(frame))
    const isFirst = this.#needs++ === 0
    if (isFirst || least < this.#leastEarly) this.#leastEarly = least
    if (isFirst || least > this.#mostEarly) this.#mostEarly = least
    if (isFirst || rest < this.#leastRest) this.#leastRest = rest
  }

  /** What has been seen is no longer so. */
  reset(): void {
    this.#needs = 0
  }

  /** How many ms are to be put in, or (negative) can be taken out; 0: leave it. */
  wish(target: Millis): Millis {
    if (this.#needs >= HASTE && this.#mostEarly < target) return this.#toPutIn(target)
    if (this.#needs === 0) return 0
    const steps = Math.max(0, Math.floor((this.#leastEarly - target - SLACK) / this.#step))
    const spare = this.#leastRest + steps * this.#step
    const isTime = this.#needs >= PATIENCE || spare >= URGENT
    return isTime && spare >= LEAST ? -spare : 0
  }

  #toPutIn(target: Millis): Millis {
    const steps = Math.ceil((target - this.#mostEarly) / this.#step)
    return Math.max(A_PERIOD, steps * this.#step - this.#leastRest)
  }
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return x
}
