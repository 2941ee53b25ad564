import type { PhoneState } from '../phone/state.ts'

/** What is heard of the phone itself. */
export type Tone = 'ring' | 'waiting' | 'ringback' | 'none'

/** What is to be heard of the phone itself, as its calls are. */
export function toneFor({ calls }: PhoneState): Tone {
  if (calls.some(({ state }) => state === 'incoming')) {
    return calls.some(({ state }) => state !== 'incoming') ? 'waiting' : 'ring'
  }
  return calls.some(({ state, early }) => state === 'ringing' && !early) ? 'ringback' : 'none'
}
