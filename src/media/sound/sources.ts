import { ToneSource } from '../../codecs/tones/tones.ts'
import type { Files } from '../../platform/files.ts'
import type { Sound } from '../engine.ts'
import { callProgress } from './callProgress.ts'
import { PLAYBACK_RATE } from './playback.ts'
import { Player } from './player.ts'
import type { SoundSource } from './sound.ts'
import { SoundFiles } from './soundFiles.ts'

/** A source at PLAYBACK_RATE, to be closed when it is over. */
export interface MadeSource {
  readonly source: SoundSource
  close(): void
}

/** Makes what is played to legs out of its description. */
export class Sources {
  readonly #soundFiles: SoundFiles

  constructor(files: Files) {
    this.#soundFiles = new SoundFiles(files)
  }

  /** Null: it can't be made, as of a file that is not there, or of a tone that takes no time. */
  async make(sound: Sound): Promise<MadeSource | null> {
    try {
      return await this.#make(sound)
    } catch {
      return null
    }
  }

  async #make(sound: Sound): Promise<MadeSource | null> {
    switch (sound.kind) {
      case 'tone': {
        const { hz, level, duration } = sound
        const beats = [{ tone: [{ hz, level }], duration: duration ?? Number.POSITIVE_INFINITY }]
        return endless(new ToneSource(beats, PLAYBACK_RATE))
      }
      case 'progress':
        return endless(callProgress(sound.country, sound.progress, PLAYBACK_RATE))
      case 'file':
        return this.#play(sound.path, sound)
      default:
        return sound satisfies never
    }
  }

  async #play(path: string, how: { readonly times: number; readonly from: number }): Promise<MadeSource | null> {
    const samples = await this.#soundFiles.open(path)
    if ('kind' in samples) return null
    const player = new Player(samples, PLAYBACK_RATE, how)
    return { source: player, close: () => player.close() }
  }
}

function endless(source: SoundSource | null): MadeSource | null {
  return source && { source, close() {} }
}
