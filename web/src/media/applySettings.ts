import type { Phone } from '../phone/phone.ts'
import type { Settings } from '../store/settings.ts'
import type { Value } from '../store/value.ts'
import type { Speaker } from './speaker.ts'
import type { Tones } from './tones.ts'

/** Uses the chosen devices and loudness, now and whenever the choice changes. */
export function applySettings(settings: Value<Settings>, ear: Speaker, tones: Tones, phone: Phone): void {
  let { microphone } = settings.get()
  const apply = (now: Settings): void => {
    ear.setVolume(now.volume)
    ear.setDevice(now.speaker)
    tones.setRingVolume(now.ringVolume)
    tones.setRinger(now.ringer)
    if (now.microphone !== microphone) void phone.useMicrophone().catch(() => {})
    microphone = now.microphone
  }
  apply(settings.get())
  settings.subscribe(apply)
}
