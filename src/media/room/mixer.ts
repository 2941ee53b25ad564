import { Party } from './party.ts'

/**
 * How many voices are mixed. In a room of as many all are heard as they are. In a larger one it is the loudest: the noise of
 * twenty lines would add up to 13 dB more, and where more than three talk at once nobody is understood anyway.
 */
const LOUDEST = 5
/** Who is not mixed is so in the place of one that it is louder than by this ratio of powers, 6 dB. */
const LOUDER = 4

/**
 * A room: each party hears the sum of all others. The sum of all is made once; each takes its own part out again, to the bit,
 * and limits what is left (`Limiter`). Who comes in, goes, or has nothing to say for a tick does so without a click.
 */
export class Mixer<Id> {
  readonly #sampleRate: number
  readonly #loudest: number
  readonly #total: Int32Array
  readonly #parties: Party<Id>[] = []
  #speakers: readonly Id[] = []
  #isAnyLeaving = false

  /**
   * For frames of `frameSamples` at `sampleRate` Hz, of which the `loudest` are mixed. Throws RangeError if a frame is no whole
   * number of ms.
   */
  constructor(sampleRate: number, frameSamples: number, loudest = LOUDEST) {
    if (!Number.isInteger((1000 * frameSamples) / sampleRate)) {
      throw new RangeError(`${frameSamples} samples are no whole number of ms`)
    }
    this.#sampleRate = sampleRate
    this.#loudest = loudest
    this.#total = new Int32Array(frameSamples)
  }

  /** How many are in the room. */
  get size(): number {
    return this.#parties.length
  }

  /** Lets one more in; the caller sees to it that ids differ. */
  join(id: Id): Party<Id> {
    const party = new Party(id, this.#sampleRate, this.#total)
    this.#parties.push(party)
    return party
  }

  /** `party` is heard for the last time in the next tick, where its voice fades. */
  leave(party: Party<Id>): void {
    party.isLeaving = true
    party.isChosen = false
    this.#isAnyLeaving = true
  }

  /**
   * Ends the writing of a tick and begins the reading: adds up what was written. True: there are other speakers than before.
   * Allocates nothing unless.
   */
  mix(): boolean {
    for (const party of this.#parties) party.listen()
    this.#choose()
    this.#total.fill(0)
    for (const party of this.#parties) party.speak()
    if (this.#isAnyLeaving) this.#seeOut()
    return this.#noteSpeakers()
  }

  /** Who talks, in the order in which they came into the room. */
  speakers(): readonly Id[] {
    return this.#speakers
  }

  #choose(): void {
    let chosen = 0
    for (const party of this.#parties) if (party.isChosen) chosen++
    for (; chosen < this.#loudest; chosen++) {
      const loudest = this.#loudestUnchosen()
      if (!loudest) return
      loudest.isChosen = true
    }
    // Whoever is exchanged is louder than whom it replaces, so that as many turns are enough.
    for (let turn = 0; turn < this.#loudest; turn++) {
      const [loudest, quietest] = [this.#loudestUnchosen(), this.#quietestChosen()]
      if (!loudest || !quietest || loudest.level <= LOUDER * quietest.level) return
      loudest.isChosen = true
      quietest.isChosen = false
    }
  }

  #loudestUnchosen(): Party<Id> | null {
    let loudest: Party<Id> | null = null
    for (const party of this.#parties) {
      if (party.isChosen || party.isLeaving) continue
      if (loudest === null || party.level > loudest.level) loudest = party
    }
    return loudest
  }

  #quietestChosen(): Party<Id> | null {
    let quietest: Party<Id> | null = null
    for (const party of this.#parties) {
      if (!party.isChosen) continue
      if (quietest === null || party.level < quietest.level) quietest = party
    }
    return quietest
  }

  #seeOut(): void {
    this.#isAnyLeaving = false
    for (let i = this.#parties.length - 1; i >= 0; i--) if (this.#parties[i]?.isLeaving) this.#parties.splice(i, 1)
  }

  #noteSpeakers(): boolean {
    let count = 0
    let isSame = true
    for (const party of this.#parties) {
      if (!party.isTalking) continue
      if (this.#speakers[count] !== party.id) isSame = false
      count++
    }
    if (isSame && count === this.#speakers.length) return false
    this.#speakers = this.#parties.filter((party) => party.isTalking).map((party) => party.id)
    return true
  }
}
