import type { Millis } from '../../platform/clock.ts'
import { Sender } from '../link/sender.ts'
import { TICK, type Ticker } from '../ticker.ts'
import type { Floor } from './floor.ts'
import type { SoundSource } from './sound.ts'

/** What is played to legs is made at this rate, Hz; to one with a better codec it sounds no worse than a phone call. */
export const PLAYBACK_RATE = 16_000

/** Plays a source to a leg, in the place of what its link has for it, until it ends or is stopped. */
export class Playback {
  readonly #floor: Floor
  readonly #source: SoundSource
  readonly #over: () => void
  readonly #stopTicking: () => void
  readonly #pcm = new Int16Array((PLAYBACK_RATE * TICK) / 1000)
  #sender: Sender | null
  #terms: string
  #isOver = false

  /**
   * `source`: at PLAYBACK_RATE. `over` is called once, when it has ended or was stopped. One that is `urgent` is heard in the
   * place of one that is not, which goes on unheard.
   */
  constructor(floor: Floor, source: SoundSource, ticker: Ticker, over: () => void, urgent = false) {
    this.#floor = floor
    this.#source = source
    this.#over = over
    this.#sender = Sender.to(floor.leg, PLAYBACK_RATE)
    this.#terms = floor.leg.terms
    floor.ask(this, urgent)
    this.#stopTicking = ticker.add(this.#tick)
  }

  /** Takes in what the leg now negotiated. */
  refresh(): void {
    const { leg } = this.#floor
    if (leg.terms === this.#terms) return
    this.#terms = leg.terms
    this.#sender = Sender.to(leg, PLAYBACK_RATE)
  }

  /** Ends it; harmless once it has ended. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stopTicking()
    this.#floor.leave(this)
    this.#over()
  }

  readonly #tick = (now: Millis): void => {
    const goesOn = this.#source.read(this.#pcm)
    const isHeard = this.#floor.isWith(this)
    if (isHeard) this.#sender?.write(this.#pcm, now)
    if (goesOn) return
    if (isHeard) this.#sender?.pause(0, now)
    this.stop()
  }
}
