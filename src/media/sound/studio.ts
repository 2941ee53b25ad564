import type { Files } from '../../platform/files.ts'
import type { LegId, MediaEvent, PlaybackId, RecordingId, RecordSpec, Sound } from '../engine.ts'
import type { MediaLeg } from '../mediaLeg.ts'
import type { Ticker } from '../ticker.ts'
import { Recording } from './recording.ts'
import { type MadeSource, Sources } from './sources.ts'

/** What is recorded has all that a phone's microphone gives, Hz. */
const RECORDING_RATE = 16_000

type Over = Extract<MediaEvent, { type: 'finished' | 'recorded' }>

/** The playbacks and recordings of one thread, from their start until each has told that it is over, once. */
export class Studio {
  readonly #files: Files
  readonly #ticker: Ticker
  readonly #tell: (event: Over) => void
  readonly #sources: Sources
  /** How to end those that run. */
  readonly #running = new Map<PlaybackId | RecordingId, () => void>()

  constructor(files: Files, ticker: Ticker, tell: (event: Over) => void) {
    this.#files = files
    this.#ticker = ticker
    this.#tell = tell
    this.#sources = new Sources(files)
  }

  /** Plays `sound` to the leg of id `leg`, which `find` gives when the sound is ready, if it is still there. */
  play(id: PlaybackId, leg: LegId, sound: Sound, find: () => MediaLeg | undefined): void {
    this.#running.set(id, () => this.#over({ type: 'finished', id, leg }))
    void this.#sources.make(sound).then((made) => this.#begin(id, leg, made, find()))
  }

  /** Records what comes from `legs`, of one call. */
  record(id: RecordingId, legs: readonly MediaLeg[], { path, channels, maxDuration }: RecordSpec): void {
    const [first] = legs
    if (!first) return
    const options = { sampleRate: RECORDING_RATE, channels, maxDuration }
    const how = { files: this.#files, path, ticker: this.#ticker, options }
    const sides = [...new Set(legs)].map(({ rtp }) => rtp)
    const recording = new Recording(sides, how, (recorded) => {
      const { end, duration, dropped } = recorded ?? { end: 'refused', duration: 0, dropped: 0 }
      this.#over({ type: 'recorded', id, leg: first.id, end, duration, dropped })
    })
    this.#running.set(id, () => recording.stop())
    for (const leg of legs) leg.whenClosed(() => recording.stop())
  }

  /** Ends it; harmless once it is over. */
  stop(id: PlaybackId | RecordingId): void {
    this.#running.get(id)?.()
  }

  #begin(id: PlaybackId, leg: LegId, made: MadeSource | null, found: MediaLeg | undefined): void {
    // It may have been stopped before it began.
    if (!this.#running.has(id)) return made?.close()
    const over = (): void => {
      made?.close()
      this.#over({ type: 'finished', id, leg })
    }
    if (found && made) this.#running.set(id, found.play(made.source, over))
    else over()
  }

  #over(event: Over): void {
    this.#running.delete(event.id)
    this.#tell(event)
  }
}
