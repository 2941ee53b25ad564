import { tokens } from './fields.ts'
import type { SipMessage } from './message.ts'

/** Whether the sender of a message says that it does the extension `tag` (RFC 3261 §19.2): who requires it does it, too. */
export function supports(message: SipMessage, tag: string): boolean {
  return lists(message, 'supported', tag) || requires(message, tag)
}

/** Whether the sender of a message insists on the extension `tag` (§20.32). */
export function requires(message: SipMessage, tag: string): boolean {
  return lists(message, 'require', tag)
}

// §7.3.1: option tags are tokens, whose case says nothing.
function lists({ headers }: SipMessage, key: 'supported' | 'require', tag: string): boolean {
  return headers.has(key) && tokens(headers, key).some((listed) => listed.toLowerCase() === tag)
}
