import { createHmac } from 'node:crypto'
import type { Endpoint } from '../platform/network.ts'
import { ipv4Octets, ipv6Groups } from '../sip/message/host.ts'

// The form of STUN messages (RFC 8489 §5, §14): what binding requests of phones and ICE's checks have in common.

export const MAGIC_COOKIE = 0x2112a442
/** Octets of a message's header. */
export const HEADER = 20
/** Octets of the value of MESSAGE-INTEGRITY: an HMAC-SHA1. */
export const INTEGRITY_LENGTH = 20

export const BINDING_REQUEST = 0x0001
export const BINDING_SUCCESS = 0x0101
export const BINDING_ERROR = 0x0111

export const MESSAGE_INTEGRITY = 0x0008
export const ERROR_CODE = 0x0009
export const XOR_MAPPED_ADDRESS = 0x0020
export const FINGERPRINT = 0x8028

export interface Attribute {
  readonly type: number
  readonly value: Uint8Array
}

/** How a message is sealed. */
export interface Seal {
  /** Of MESSAGE-INTEGRITY; left out, there is none. */
  readonly password?: string
  readonly fingerprint: boolean
}

/** Octets that a value takes: attributes begin at multiples of four. */
export function padded(length: number): number {
  return (length + 3) & ~3
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A message. `identity`: the 16 octets of magic cookie and transaction id. */
export function writeStun(
  type: number,
  identity: Uint8Array,
  attributes: readonly Attribute[],
  { password, fingerprint }: Seal,
): Uint8Array {
  const content = attributes.reduce((total, { value }) => total + 4 + padded(value.length), 0)
  const integrity = password === undefined ? 0 : 4 + INTEGRITY_LENGTH
  const bytes = new Uint8Array(HEADER + content + integrity + (fingerprint ? 8 : 0))
  const view = viewOf(bytes)
  view.setUint16(0, type)
  bytes.set(identity, 4)
  let at = HEADER
  for (const attribute of attributes) at = writeAttribute(bytes, at, attribute)
  if (password !== undefined) {
    at = writeAttribute(bytes, at, { type: MESSAGE_INTEGRITY, value: integrityOf(bytes.subarray(0, at), password) })
  }
  // §14.7: the length counts the FINGERPRINT, too.
  view.setUint16(2, bytes.length - HEADER)
  if (fingerprint) {
    view.setUint16(at, FINGERPRINT)
    view.setUint16(at + 2, 4)
    view.setUint32(at + 4, fingerprintOf(bytes.subarray(0, at)))
  }
  return bytes
}

function writeAttribute(bytes: Uint8Array, at: number, { type, value }: Attribute): number {
  const view = viewOf(bytes)
  view.setUint16(at, type)
  view.setUint16(at + 2, value.length)
  bytes.set(value, at + 4)
  return at + 4 + padded(value.length)
}

/** XOR-MAPPED-ADDRESS (§14.2): the port is covered by the cookie, the address by cookie and transaction id; null for what is no IP address. */
export function xorMappedAddress({ address, port }: Endpoint, identity: Uint8Array): Attribute | null {
  const v4 = ipv4Octets(address)
  const octets = v4 ?? ipv6Groups(address)?.flatMap((group) => [group >> 8, group & 0xff])
  if (octets === undefined) return null
  const value = new Uint8Array(4 + octets.length)
  value[1] = v4 === null ? 2 : 1
  for (const [i, octet] of [port >> 8, port & 0xff].entries()) value[2 + i] = octet ^ (identity[i] ?? 0)
  for (const [i, octet] of octets.entries()) value[4 + i] = octet ^ (identity[i] ?? 0)
  return { type: XOR_MAPPED_ADDRESS, value }
}

/** ERROR-CODE (§14.8). */
export function errorCode(code: number, reason: string): Attribute {
  return {
    type: ERROR_CODE,
    value: Uint8Array.from([0, 0, Math.floor(code / 100), code % 100, ...Buffer.from(reason)]),
  }
}

/** The value of MESSAGE-INTEGRITY behind `before` (§14.5): over all of it, with the length as if the message ended with this attribute. */
export function integrityOf(before: Uint8Array, password: string): Uint8Array {
  const length = new Uint8Array(2)
  viewOf(length).setUint16(0, before.length - HEADER + 4 + INTEGRITY_LENGTH)
  const hmac = createHmac('sha1', password)
  return hmac.update(before.subarray(0, 2)).update(length).update(before.subarray(4)).digest()
}

/** The value of FINGERPRINT behind `before` (§14.7): its CRC-32, crossed with the letters STUN. */
export function fingerprintOf(before: Uint8Array): number {
  return (crc32(before) ^ 0x5354554e) >>> 0
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
