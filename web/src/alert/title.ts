import { nameOf, type PhoneState } from '../phone/state.ts'

/** What the tab's title says: a call is seen among other tabs. */
export function titleFor({ calls }: PhoneState): string {
  const incoming = calls.find(({ state }) => state === 'incoming')
  if (incoming) return `☎ ${nameOf(incoming.peer)} is calling`
  const call = calls[0]
  return call ? `${nameOf(call.peer)} – Offhook` : 'Offhook'
}
