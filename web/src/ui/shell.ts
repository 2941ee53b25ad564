import type { Devices } from '../media/devices.ts'
import type { Tones } from '../media/tones.ts'
import type { Phone } from '../phone/phone.ts'
import type { PastCall } from '../store/history.ts'
import type { Settings } from '../store/settings.ts'
import type { Value } from '../store/value.ts'

/** What the page's parts show and act on. */
export interface Shell {
  readonly phone: Phone
  readonly tones: Tones
  readonly settings: Value<Settings>
  readonly devices: Value<Devices> & { refresh(): Promise<void> }
  readonly recent: Value<readonly PastCall[]>
  /** The browser keeps the page silent until it is touched. */
  readonly silenced: Value<boolean>
  readonly notifications: Value<'default' | 'granted' | 'denied'>
  /** Null where the browser offers no way to install the page, or it is installed. */
  readonly install: Value<(() => void) | null>
  signIn(user: string, password: string, stay: boolean): void
  signOut(): void
  clearRecent(): void
  askForNotifications(): void
}
