import type { Endpoint } from '../platform/network.ts'
import {
  type Attribute,
  BINDING_ERROR,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  errorCode,
  FINGERPRINT,
  fingerprintOf,
  MAGIC_COOKIE,
  padded,
  viewOf,
  writeStun,
  XOR_MAPPED_ADDRESS,
  xorMappedAddress,
} from './format.ts'

const UNKNOWN_ATTRIBUTES = 0x000a
/** Below this an attribute must be understood, RFC 8489 §15. */
const OPTIONAL = 0x8000
/** USERNAME, MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, REALM, NONCE: credentials that we do not ask for. */
const UNDERSTOOD = new Set([0x0006, 0x0008, 0x001c, 0x0014, 0x0015])

/** Whether a datagram is STUN and not SIP: RFC 8489 §6.3, by its first two bits and the magic cookie. */
export function isStun(bytes: Uint8Array): boolean {
  return bytes.length >= 20 && bytes[0] !== undefined && bytes[0] < 0x40 && viewOf(bytes).getUint32(4) === MAGIC_COOKIE
}

/**
 * The answer to a Binding request from `source`, the keepalive of RFC 5626 §4.4.2: the address it came from, or an error
 * 420 if it holds attributes that must be understood and are not. Null for whatever is no well-formed Binding request.
 */
export function bindingResponse(bytes: Uint8Array, source: Endpoint): Uint8Array | null {
  const view = viewOf(bytes)
  if (!isStun(bytes) || view.getUint16(0) !== BINDING_REQUEST || view.getUint16(2) !== bytes.length - 20) return null
  const types = attributeTypes(view)
  if (types === null) return null
  const fingerprint = types.at(-1) === FINGERPRINT
  if (fingerprint && view.getUint32(bytes.length - 4) !== fingerprintOf(bytes.subarray(0, -8))) return null
  const transaction = bytes.subarray(4, 20)
  const unknown = types.filter((type) => type < OPTIONAL && !UNDERSTOOD.has(type))
  if (unknown.length > 0) return writeStun(BINDING_ERROR, transaction, unknownAttributes(unknown), { fingerprint })
  const mapped = xorMappedAddress(source, transaction)
  return mapped === null ? null : writeStun(BINDING_SUCCESS, transaction, [mapped], { fingerprint })
}

/** A Binding request of our own. `transaction`: 12 random octets (RFC 8489 §5). */
export function bindingRequest(transaction: Uint8Array): Uint8Array {
  const id = new Uint8Array(16)
  viewOf(id).setUint32(0, MAGIC_COOKIE)
  id.set(transaction, 4)
  return writeStun(BINDING_REQUEST, id, [], { fingerprint: false })
}

/** The IPv4 address in a Binding success response to `request`; null if it is anything else. */
export function mappedAddress(bytes: Uint8Array, request: Uint8Array): string | null {
  const view = viewOf(bytes)
  if (!isStun(bytes) || view.getUint16(0) !== BINDING_SUCCESS || attributeTypes(view) === null) return null
  if (!Buffer.from(bytes.subarray(4, 20)).equals(request.subarray(4, 20))) return null
  for (let at = 20; at < bytes.length; at += 4 + padded(view.getUint16(at + 2))) {
    if (view.getUint16(at) !== XOR_MAPPED_ADDRESS || bytes[at + 5] !== 1) continue
    return Array.from(bytes.subarray(at + 8, at + 12), (octet, i) => octet ^ (request[4 + i] ?? 0)).join('.')
  }
  return null
}

// Null if the attributes do not fill the message exactly.
function attributeTypes(view: DataView): number[] | null {
  const types: number[] = []
  let at = 20
  while (at < view.byteLength) {
    if (at + 4 > view.byteLength) return null
    types.push(view.getUint16(at))
    at += 4 + padded(view.getUint16(at + 2))
  }
  return at === view.byteLength ? types : null
}

function unknownAttributes(types: readonly number[]): Attribute[] {
  return [
    errorCode(420, 'Unknown Attribute'),
    { type: UNKNOWN_ATTRIBUTES, value: Uint8Array.from(types.flatMap((type) => [type >> 8, type & 0xff])) },
  ]
}
