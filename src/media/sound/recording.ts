import type { Millis } from '../../platform/clock.ts'
import type { Files } from '../../platform/files.ts'
import type { RtpLeg } from '../../rtp/rtpLeg.ts'
import { Hearing } from '../playout/hearing.ts'
import { TICK, type Ticker } from '../ticker.ts'
import { type Recording as Recorded, Recorder, type RecorderOptions } from './recorder.ts'

/** One leg that is recorded, and its sound of a tick. */
interface Side {
  readonly leg: RtpLeg
  readonly hearing: Hearing
  readonly pcm: Int16Array
}

/** Records what comes from one leg or two, from copies of their packets: what they hear of each other is as it was. */
export class Recording {
  readonly #sides: readonly Side[]
  readonly #stopTicking: () => void
  #recorder: Recorder | null = null
  #isStopped = false

  /** The near side first. `over` is told what came of it; with null if the file could not be made. */
  constructor(
    legs: readonly RtpLeg[],
    how: { readonly files: Files; readonly path: string; readonly ticker: Ticker; readonly options: RecorderOptions },
    over: (recorded: Recorded | null) => void,
  ) {
    const { sampleRate } = how.options
    this.#sides = legs.map((leg) => {
      const side = { leg, hearing: new Hearing(sampleRate), pcm: new Int16Array((sampleRate * TICK) / 1000) }
      leg.addTap(side.hearing)
      return side
    })
    this.#stopTicking = how.ticker.add(this.#tick)
    void this.#record(how.files, how.path, how.options).then(over)
  }

  /** Ends it, and has the file completed. */
  stop(): void {
    this.#isStopped = true
    void this.#recorder?.stop()
  }

  async #record(files: Files, path: string, options: RecorderOptions): Promise<Recorded | null> {
    try {
      this.#recorder = await Recorder.start(files, path, options)
      if (this.#isStopped) void this.#recorder.stop()
      return await this.#recorder.ended
    } catch {
      // The system would not make the file.
      return null
    } finally {
      this.#stopTicking()
      for (const { leg, hearing } of this.#sides) leg.removeTap(hearing)
    }
  }

  readonly #tick = (now: Millis): void => {
    const [near, far] = this.#sides
    for (const { hearing, pcm } of this.#sides) hearing.pull(pcm, now)
    this.#recorder?.write(near?.pcm ?? null, far?.pcm ?? null)
  }
}
