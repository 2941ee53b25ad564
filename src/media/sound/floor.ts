import type { RtpLeg } from '../../rtp/rtpLeg.ts'

/** Who speaks to a leg's peer in the place of its link or room: playbacks, keys as tones. Of several one is heard. */
export class Floor {
  readonly leg: RtpLeg
  /** The last one has the floor. */
  readonly #speakers: object[] = []

  constructor(leg: RtpLeg) {
    this.leg = leg
  }

  /** `speaker` wants to be heard: at once if it is `urgent`, else while nobody else does. */
  ask(speaker: object, urgent: boolean): void {
    if (urgent) this.#speakers.push(speaker)
    else this.#speakers.unshift(speaker)
    this.leg.occupied = true
  }

  /** Whether it is `speaker` who is heard. */
  isWith(speaker: object): boolean {
    return this.#speakers.at(-1) === speaker
  }

  /** `speaker` has said what it had to say: what comes next is no continuation of it. */
  leave(speaker: object): void {
    const at = this.#speakers.indexOf(speaker)
    if (at >= 0) this.#speakers.splice(at, 1)
    this.leg.occupied = this.#speakers.length > 0
    this.leg.outgoing.interrupt()
  }
}
