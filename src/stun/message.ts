import type { Endpoint } from '../platform/network.ts'
import { ipv4Octets, ipv6Groups } from '../sip/message/host.ts'

const MAGIC_COOKIE = 0x2112a442
const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111
const ERROR_CODE = 0x0009
const UNKNOWN_ATTRIBUTES = 0x000a
const XOR_MAPPED_ADDRESS = 0x0020
const FINGERPRINT = 0x8028
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
  if (unknown.length > 0) return message(BINDING_ERROR, transaction, unknownAttributes(unknown), fingerprint)
  const mapped = xorMappedAddress(source, transaction)
  return mapped === null ? null : message(BINDING_SUCCESS, transaction, [mapped], fingerprint)
}

/** A Binding request of our own. `transaction`: 12 random octets (RFC 8489 §5). */
export function bindingRequest(transaction: Uint8Array): Uint8Array {
  const id = new Uint8Array(16)
  viewOf(id).setUint32(0, MAGIC_COOKIE)
  id.set(transaction, 4)
  return message(BINDING_REQUEST, id, [], false)
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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
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

function padded(length: number): number {
  return (length + 3) & ~3
}

interface Attribute {
  readonly type: number
  readonly value: Uint8Array
}

// RFC 8489 §14.2: the port is covered by the cookie, the address by cookie and transaction id.
function xorMappedAddress(source: Endpoint, transaction: Uint8Array): Attribute | null {
  const v4 = ipv4Octets(source.address)
  const address = v4 ?? ipv6Groups(source.address)?.flatMap((group) => [group >> 8, group & 0xff])
  if (address === undefined) return null
  const plain = [source.port >> 8, source.port & 0xff]
  const value = new Uint8Array(4 + address.length)
  value[1] = v4 === null ? 2 : 1
  for (const [i, octet] of plain.entries()) value[2 + i] = octet ^ (transaction[i] ?? 0)
  for (const [i, octet] of address.entries()) value[4 + i] = octet ^ (transaction[i] ?? 0)
  return { type: XOR_MAPPED_ADDRESS, value }
}

function unknownAttributes(types: readonly number[]): Attribute[] {
  return [
    { type: ERROR_CODE, value: Uint8Array.from([0, 0, 4, 20, ...Buffer.from('Unknown Attribute')]) },
    { type: UNKNOWN_ATTRIBUTES, value: Uint8Array.from(types.flatMap((type) => [type >> 8, type & 0xff])) },
  ]
}

function message(
  type: number,
  transaction: Uint8Array,
  attributes: readonly Attribute[],
  fingerprint: boolean,
): Uint8Array {
  const content = attributes.reduce((total, { value }) => total + 4 + padded(value.length), 0)
  const bytes = new Uint8Array(20 + content + (fingerprint ? 8 : 0))
  const view = viewOf(bytes)
  view.setUint16(0, type)
  view.setUint16(2, bytes.length - 20)
  bytes.set(transaction, 4)
  let at = 20
  for (const attribute of attributes) {
    view.setUint16(at, attribute.type)
    view.setUint16(at + 2, attribute.value.length)
    bytes.set(attribute.value, at + 4)
    at += 4 + padded(attribute.value.length)
  }
  if (fingerprint) {
    view.setUint16(at, FINGERPRINT)
    view.setUint16(at + 2, 4)
    view.setUint32(at + 4, fingerprintOf(bytes.subarray(0, at)))
  }
  return bytes
}

// RFC 8489 §14.7: the CRC-32 of all that precedes, crossed with the letters STUN.
function fingerprintOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ 0x5354554e) >>> 0
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const octet of bytes) crc = (crcTable[(crc ^ octet) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc
}
