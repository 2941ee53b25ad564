import type { Direction } from '../sdp/description.ts'
import { voiceDirection } from '../sdp/stream.ts'
import type { SipMessage } from '../sip/message/message.ts'
import { describe, type Refused } from './legMedia.ts'

/** What a party says of its media, for the other one to get as it stands. */
export interface Said {
  readonly kind: 'said'
  /** Octet for octet. */
  readonly sdp: Uint8Array
  /** Which way its voice goes, seen from it. */
  readonly direction: Direction
}

/** The description in a message; refused if there is none that can be read. */
export function saidIn(message: SipMessage): Said | Refused {
  const description = describe(message)
  if (description.kind === 'rejected') return description
  return { kind: 'said', sdp: description.text, direction: voiceDirection(description.sdp.media) }
}
