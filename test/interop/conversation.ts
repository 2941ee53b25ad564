import type { Test } from 'tap'
import { dominantFrequency, gaps, heardFor } from '../support/audio.ts'
import type { Phone } from '../support/phones/phone.ts'

/** Both phones register, `caller` dials `number`, `callee` rings and answers. */
export async function connect(caller: Phone, callee: Phone, number: string): Promise<void> {
  await caller.registers()
  await callee.registers()
  await caller.calls(number)
  await callee.rings()
  await callee.answers()
  await caller.talks()
}

/**
 * Checks that `phone` heard a tone of `hz` in its last call, for `seconds` but 0.2 s of start and end, with no gap longer
 * than `tolerated` ms.
 */
export function heard(t: Test, phone: Phone, hz: number, seconds: number, tolerated = 0): void {
  const recording = phone.recording()
  const length = heardFor(recording, hz)
  t.equal(dominantFrequency(recording), hz, `heard ${hz} Hz`)
  t.strictSame(
    gaps(recording, hz).filter(({ length }) => length > tolerated),
    [],
    'without a gap',
  )
  t.ok(length > (seconds - 0.2) * 1000, `for ${length} ms`)
}
