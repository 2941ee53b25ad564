import type { Phone } from './phone/phone.ts'
import { shownState } from './ui/words.ts'

/** For end-to-end tests, in pages that were opened with `?debug`: the calls, and what the browser reports of their sound. */
export function exposeForTests(phone: Phone): void {
  const calls = () =>
    phone.state.get().calls.map((call) => ({ id: call.id, state: shownState(call), peer: call.peer.user }))
  const stats = async () => {
    const entries = calls().map(async ({ id }) => [id, (await phone.leg(id)?.stats()) ?? []] as const)
    return Object.fromEntries(await Promise.all(entries))
  }
  Object.assign(window, { offhook: { calls, stats } })
}
