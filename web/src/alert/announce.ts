import { toneFor } from '../media/toneFor.ts'
import type { Tones } from '../media/tones.ts'
import type { Phone } from '../phone/phone.ts'
import type { PhoneState } from '../phone/state.ts'
import type { Value } from '../store/value.ts'
import { notifications } from './notifications.ts'
import { titleFor } from './title.ts'

/** Rings, says in the title who calls, and by a notification while the tab is hidden. `silenced`: nothing can be heard. */
export function announceCalls({ state }: Phone, tones: Tones, silenced: Value<boolean>): void {
  const shown = notifications()
  let ringing: readonly string[] = []
  const announce = (now: PhoneState): void => {
    tones.set(toneFor(now))
    document.title = titleFor(now)
    const incoming = now.calls.filter((call) => call.state === 'incoming')
    for (const call of incoming) shown.show(call)
    for (const id of ringing) if (!incoming.some((call) => call.id === id)) shown.clear(id)
    ringing = incoming.map(({ id }) => id)
    silenced.set(tones.blocked())
  }
  state.subscribe(announce)
  tones.context.addEventListener('statechange', () => silenced.set(tones.blocked()))
  // A tab that is hidden while it rings tells of it from then on.
  document.addEventListener('visibilitychange', () => announce(state.get()))
}
