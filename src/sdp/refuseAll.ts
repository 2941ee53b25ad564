import type { SessionDescription } from './description.ts'
import { lineOf } from './stream.ts'
import { writeDescription } from './write.ts'

/** The answer to an offer that nobody wants any more: every stream refused (RFC 3264 §6). An SDP body, octets. */
export function refuseAll(offer: SessionDescription): Uint8Array {
  const media = offer.media.map((stream) => ({ state: 'refused', line: lineOf(stream) }) as const)
  return Buffer.from(writeDescription({ id: 0, version: 0, address: '0.0.0.0', media }), 'latin1')
}
