import { type Box, fieldsOf, stored } from './stored.ts'

/** What a person chose on this device. A device id of null is the system's own choice. */
export interface Settings {
  readonly microphone: string | null
  readonly speaker: string | null
  readonly ringer: string | null
  /** 0–1. */
  readonly volume: number
  /** 0–1; 0 is silent. */
  readonly ringVolume: number
}

export const DEFAULTS: Settings = { microphone: null, speaker: null, ringer: null, volume: 1, ringVolume: 0.7 }

/** The settings of this device; what is not there or cannot be read has its default. */
export function settingsStore(box: Box): { get(): Settings; set(settings: Settings): void } {
  const kept = stored(box, 'offhook.settings', read)
  return { get: () => kept.get() ?? DEFAULTS, set: kept.set }
}

function read(value: unknown): Settings {
  const fields = fieldsOf(value) ?? {}
  return {
    microphone: textOf(fields.microphone),
    speaker: textOf(fields.speaker),
    ringer: textOf(fields.ringer),
    volume: fractionOf(fields.volume, DEFAULTS.volume),
    ringVolume: fractionOf(fields.ringVolume, DEFAULTS.ringVolume),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function fractionOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : otherwise
}
