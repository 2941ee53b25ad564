import type { AppCall } from '../bridge/appCall.ts'

const MINUTE = 60_000

/** *44: 440 Hz for a minute, at the level of a voice (-10 dBm0), by which to hear and measure what a line does to sound. */
export async function tone(call: AppCall): Promise<void> {
  await call.answer()
  await call.play({ kind: 'tone', hz: 440, level: -10, duration: MINUTE })
  call.hangUp()
}
