import { type Value, value } from '../store/value.ts'

export interface Device {
  readonly id: string
  readonly label: string
}

export interface Devices {
  readonly microphones: readonly Device[]
  /** Empty where the browser leaves the choice to the system. */
  readonly speakers: readonly Device[]
}

/** Whether this browser lets a page choose where it sounds. */
export const CHOOSES_SPEAKERS = 'setSinkId' in HTMLMediaElement.prototype

const NONE: Devices = { microphones: [], speakers: [] }

/** The devices of this computer, kept current as they come and go; names are known once the microphone is allowed. */
export function devices(): Value<Devices> & { refresh(): Promise<void> } {
  const known = value(NONE)
  const refresh = async (): Promise<void> => {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
    known.set({ microphones: of('audioinput', all), speakers: CHOOSES_SPEAKERS ? of('audiooutput', all) : [] })
  }
  navigator.mediaDevices?.addEventListener('devicechange', () => void refresh())
  void refresh()
  return { ...known, refresh }
}

function of(kind: MediaDeviceKind, all: readonly MediaDeviceInfo[]): readonly Device[] {
  const named = kind === 'audioinput' ? 'Microphone' : 'Speaker'
  return all
    .filter(
      (one) =>
        one.kind === kind && one.deviceId !== '' && one.deviceId !== 'default' && one.deviceId !== 'communications',
    )
    .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || `${named} ${i + 1}` }))
}
