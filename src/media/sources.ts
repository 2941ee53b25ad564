import { ToneSource } from '../codecs/tones.ts'
import { callProgress } from './callProgress.ts'
import type { Sound } from './engine.ts'
import { PLAYBACK_RATE } from './playback.ts'
import type { SoundSource } from './sound.ts'

/** What makes a sound, at PLAYBACK_RATE; null: it can't be made. */
export function sourceOf(sound: Sound): SoundSource | null {
  switch (sound.kind) {
    case 'tone': {
      const { hz, level, duration } = sound
      return new ToneSource([{ tone: [{ hz, level }], duration: duration ?? Number.POSITIVE_INFINITY }], PLAYBACK_RATE)
    }
    case 'progress':
      return callProgress(sound.country, sound.progress, PLAYBACK_RATE)
    default:
      return sound satisfies never
  }
}
