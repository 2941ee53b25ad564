import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Endpoint } from '../../platform/network.ts'

// The STUN messages of ICE's connectivity checks: RFC 8489 as RFC 8445 §7 uses it.

const MAGIC_COOKIE = 0x2112a442
const HEADER = 20
const TRANSACTION = 12

const BINDING_REQUEST = 0x0001
const BINDING_INDICATION = 0x0011
const BINDING_SUCCESS = 0x0101
const BINDING_ERROR = 0x0111

const USERNAME = 0x0006
const MESSAGE_INTEGRITY = 0x0008
const ERROR_CODE = 0x0009
const XOR_MAPPED_ADDRESS = 0x0020
const PRIORITY = 0x0024
const USE_CANDIDATE = 0x0025
const FINGERPRINT = 0x8028
const ICE_CONTROLLED = 0x8029
const ICE_CONTROLLING = 0x802a

const INTEGRITY_LENGTH = 20

/** An agent's part in choosing the pair (RFC 8445 §6.1.1). */
export type IceRole = 'controlling' | 'controlled'

/** A message whose form is right. Who it is from, `isAuthentic` tells. */
export interface StunMessage {
  readonly kind: 'request' | 'indication' | 'success' | 'error'
  /** 24 hex digits. */
  readonly transaction: string
  readonly username: string | null
  readonly priority: number
  readonly useCandidate: boolean
  /** What the sender takes for its role, and its tie-breaker; null: no ICE. */
  readonly role: { readonly name: IceRole; readonly tieBreaker: bigint } | null
  /** 300–699; 0: none. */
  readonly errorCode: number
  readonly octets: Uint8Array
  /** Where MESSAGE-INTEGRITY begins, octets; null: there is none. */
  readonly integrityAt: number | null
}

const KINDS: Readonly<Record<number, StunMessage['kind']>> = {
  [BINDING_REQUEST]: 'request',
  [BINDING_INDICATION]: 'indication',
  [BINDING_SUCCESS]: 'success',
  [BINDING_ERROR]: 'error',
}

/** Whether a datagram on a port of ICE is STUN, and neither DTLS nor RTP (RFC 7983 §7). */
export function isStun(datagram: Uint8Array): boolean {
  return (datagram[0] ?? 0xff) < 4
}

/** Reads a Binding message; null if it is anything else, or not well-formed. What follows MESSAGE-INTEGRITY is not looked at (RFC 8489 §14.5). */
export function readStun(octets: Uint8Array): StunMessage | null {
  const { length } = octets
  if (length < HEADER || length % 4 !== 0) return null
  const view = viewOf(octets)
  const kind = KINDS[view.getUint16(0)]
  if (kind === undefined || view.getUint16(2) !== length - HEADER || view.getUint32(4) !== MAGIC_COOKIE) return null
  const read = {
    kind,
    transaction: Buffer.from(octets.subarray(8, HEADER)).toString('hex'),
    username: null as string | null,
    priority: 0,
    useCandidate: false,
    role: null as StunMessage['role'],
    errorCode: 0,
    octets,
    integrityAt: null as number | null,
  }
  let at = HEADER
  while (at < length && read.integrityAt === null) {
    if (at + 4 > length) return null
    const [type, size] = [view.getUint16(at), view.getUint16(at + 2)]
    const value = at + 4
    if (value + size > length) return null
    switch (type) {
      case USERNAME:
        read.username = Buffer.from(octets.subarray(value, value + size)).toString('latin1')
        break
      case PRIORITY:
        if (size === 4) read.priority = view.getUint32(value)
        break
      case USE_CANDIDATE:
        read.useCandidate = true
        break
      case ICE_CONTROLLED:
      case ICE_CONTROLLING: {
        const name = type === ICE_CONTROLLING ? 'controlling' : 'controlled'
        if (size === 8) read.role = { name, tieBreaker: view.getBigUint64(value) }
        break
      }
      case ERROR_CODE:
        if (size >= 4) read.errorCode = (view.getUint8(value + 2) & 7) * 100 + view.getUint8(value + 3)
        break
      case MESSAGE_INTEGRITY:
        if (size === INTEGRITY_LENGTH) read.integrityAt = at
        break
    }
    at = value + padded(size)
  }
  return read
}

/** Whether who wrote the message knows `password` (RFC 8489 §14.5). */
export function isAuthentic({ octets, integrityAt }: StunMessage, password: string): boolean {
  if (integrityAt === null) return false
  const said = octets.subarray(integrityAt + 4, integrityAt + 4 + INTEGRITY_LENGTH)
  return timingSafeEqual(integrityOf(octets.subarray(0, integrityAt), password), said)
}

/** A connectivity check (RFC 8445 §7.1). */
export interface Check {
  /** 24 hex digits. */
  readonly transaction: string
  /** The peer's fragment, a colon, ours. */
  readonly username: string
  /** The peer's. */
  readonly password: string
  /** That of a peer-reflexive candidate which this check may make the peer learn. */
  readonly priority: number
  readonly role: IceRole
  readonly tieBreaker: bigint
  readonly useCandidate: boolean
}

/** A check as octets. */
export function writeCheck(check: Check): Uint8Array {
  const role = Buffer.alloc(8)
  role.writeBigUInt64BE(check.tieBreaker)
  const priority = Buffer.alloc(4)
  priority.writeUInt32BE(check.priority)
  const attributes: Attribute[] = [
    [USERNAME, Buffer.from(check.username, 'latin1')],
    [PRIORITY, priority],
    [check.role === 'controlling' ? ICE_CONTROLLING : ICE_CONTROLLED, role],
  ]
  if (check.useCandidate) attributes.push([USE_CANDIDATE, new Uint8Array(0)])
  return write(BINDING_REQUEST, check.transaction, attributes, check.password)
}

/** The answer to a check that came from `source`: we know it, and the peer learns by which address. `password`: ours. */
export function writeSuccess(transaction: string, source: Endpoint, password: string): Uint8Array {
  return write(BINDING_SUCCESS, transaction, [[XOR_MAPPED_ADDRESS, mapped(source, transaction)]], password)
}

/** An answer that refuses a check. `password`: ours. */
export function writeError(transaction: string, code: 400 | 487, password: string): Uint8Array {
  const reason = code === 487 ? 'Role Conflict' : 'Bad Request'
  const value = Uint8Array.from([0, 0, Math.floor(code / 100), code % 100, ...Buffer.from(reason)])
  return write(BINDING_ERROR, transaction, [[ERROR_CODE, value]], password)
}

type Attribute = readonly [type: number, value: Uint8Array]

function write(type: number, transaction: string, attributes: readonly Attribute[], password: string): Uint8Array {
  const content = attributes.reduce((total, [, value]) => total + 4 + padded(value.length), 0)
  const octets = Buffer.alloc(HEADER + content + 4 + INTEGRITY_LENGTH + 8)
  octets.writeUInt16BE(type, 0)
  octets.writeUInt32BE(MAGIC_COOKIE, 4)
  octets.write(transaction, 8, TRANSACTION, 'hex')
  let at = HEADER
  for (const [name, value] of attributes) {
    at = writeAttribute(octets, at, name, value)
  }
  at = writeAttribute(octets, at, MESSAGE_INTEGRITY, integrityOf(octets.subarray(0, at), password))
  // RFC 8489 §14.7: the length counts the FINGERPRINT, too.
  octets.writeUInt16BE(octets.length - HEADER, 2)
  octets.writeUInt16BE(FINGERPRINT, at)
  octets.writeUInt16BE(4, at + 2)
  octets.writeUInt32BE((crc32(octets.subarray(0, at)) ^ 0x5354554e) >>> 0, at + 4)
  return octets
}

function writeAttribute(octets: Buffer, at: number, type: number, value: Uint8Array): number {
  octets.writeUInt16BE(type, at)
  octets.writeUInt16BE(value.length, at + 2)
  octets.set(value, at + 4)
  return at + 4 + padded(value.length)
}

// RFC 8489 §14.5: over all that precedes, with the length as if the message ended behind this attribute.
function integrityOf(before: Uint8Array, password: string): Uint8Array {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(before.length - HEADER + 4 + INTEGRITY_LENGTH)
  const hmac = createHmac('sha1', password)
  return hmac.update(before.subarray(0, 2)).update(length).update(before.subarray(4)).digest()
}

// RFC 8489 §14.2: the port is covered by the cookie, the address by cookie and transaction id.
function mapped({ address, port }: Endpoint, transaction: string): Uint8Array {
  const mask = Buffer.alloc(16)
  mask.writeUInt32BE(MAGIC_COOKIE)
  mask.write(transaction, 4, TRANSACTION, 'hex')
  const plain = addressOctets(address)
  const value = Buffer.alloc(4 + plain.length)
  value.writeUInt8(plain.length === 4 ? 1 : 2, 1)
  value.writeUInt16BE(port ^ mask.readUInt16BE(0), 2)
  for (const [i, octet] of plain.entries()) value.writeUInt8(octet ^ mask.readUInt8(i), 4 + i)
  return value
}

function addressOctets(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number)
  const [head = '', tail] = address.split('::')
  const [before, after] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)]
  const missing = new Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...missing, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length)
}

function padded(length: number): number {
  return (length + 3) & ~3
}

const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

function crc32(octets: Uint8Array): number {
  let crc = 0xffffffff
  for (const octet of octets) crc = (CRC[(crc ^ octet) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc
}
