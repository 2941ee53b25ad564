import { spans, tokenChars } from './grammar.ts'
import { isOneLine } from './headers.ts'
import type { WritableMessage } from './message.ts'

/**
 * The octets of a message, RFC 3261 §7. Content-Length is always written, and right: where it stood, or last. Throws if
 * the start line would break the message; header values cannot, `Headers` refuses such.
 */
export function writeMessage(message: WritableMessage): Uint8Array {
  const { headers, body } = message
  let head = startLine(message)
  let counted = false
  for (const { name, key, value } of headers) {
    if (key !== 'content-length') {
      head += `${name}: ${value}\r\n`
    } else if (!counted) {
      head += `${name}: ${body.length}\r\n`
      counted = true
    }
  }
  head += counted ? '\r\n' : `Content-Length: ${body.length}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 'latin1')
  bytes.set(body, head.length)
  return bytes
}

/** How many octets `writeMessage` makes of a message, without making them. */
export function messageOctets(message: WritableMessage): number {
  const { headers, body } = message
  const length = 'Content-Length: '.length + String(body.length).length + 2
  let octets = startLine(message).length + 2 + body.length + length
  for (const { name, key, value } of headers) if (key !== 'content-length') octets += name.length + value.length + 4
  return octets
}

function startLine(message: WritableMessage): string {
  const text =
    message.kind === 'request'
      ? `${message.method} ${message.uri.text} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`
  if (!isOneLine(text)) throw new TypeError(`not a start line: ${JSON.stringify(text)}`)
  if (message.kind === 'request' && (!spans(message.method, tokenChars) || message.uri.text.includes(' '))) {
    throw new TypeError(`not a request line: ${JSON.stringify(text)}`)
  }
  return `${text}\r\n`
}
