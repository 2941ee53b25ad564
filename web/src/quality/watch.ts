import type { Call, PhoneEvent } from '../phone/state.ts'
import type { Sample } from './sample.ts'
import { qualityBetween } from './verdict.ts'

/** No packet for so long in a call that nobody holds: something keeps it back, ms. */
const SILENT_AFTER = 6000

/**
 * Looks at the calls now and then, and tells how each sounds and whether anything is heard at all. `sample` gives what
 * the browser has counted of a call; null if it has no sound.
 */
export function qualityWatch(sample: (id: string) => Promise<Sample | null>, tell: (event: PhoneEvent) => void) {
  /** The last sample of each call up to which sound came. */
  let last = new Map<string, Sample>()
  const lookAt = async (call: Call): Promise<void> => {
    const now = await sample(call.id)
    if (!now) return
    const before = last.get(call.id)
    const quality = before ? qualityBetween(before, now) : null
    const isHeld = call.heldByMe || call.heldByPeer
    if (!before || quality || isHeld) last.set(call.id, now)
    if (quality) tell({ type: 'quality', id: call.id, quality })
    if (quality && call.sound === 'silent') tell({ type: 'sound', id: call.id, sound: 'flowing' })
    const silent = before && !quality && !isHeld && now.at - before.at > SILENT_AFTER
    if (silent && call.sound === 'flowing') tell({ type: 'sound', id: call.id, sound: 'silent' })
  }
  return async (calls: readonly Call[]): Promise<void> => {
    const talking = calls.filter(({ state }) => state === 'talking')
    last = new Map([...last].filter(([id]) => talking.some((call) => call.id === id)))
    for (const call of talking) await lookAt(call)
  }
}
