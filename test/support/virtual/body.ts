import type { Endpoint } from '../../../src/platform/network.ts'
import { parseDescription } from '../../../src/sdp/parse.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'

/** The body of a message, as text. */
export function bodyOf({ body }: { readonly body: Uint8Array }): string {
  return Buffer.from(body).toString()
}

/** Where the SDP in a message wants the audio; null if there is none. */
export function mediaOf(message: SipMessage): Endpoint | null {
  const description = message.body.length > 0 ? parseDescription(message.body) : null
  if (description?.kind !== 'description') return null
  const [audio] = description.media
  return audio?.address ? { address: audio.address, port: audio.port } : null
}
