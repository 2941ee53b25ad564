import { timingSafeEqual } from 'node:crypto'
import type { Endpoint } from '../../platform/network.ts'
import {
  type Attribute,
  BINDING_ERROR,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  ERROR_CODE,
  errorCode,
  HEADER,
  INTEGRITY_LENGTH,
  integrityOf,
  MAGIC_COOKIE,
  MESSAGE_INTEGRITY,
  padded,
  viewOf,
  writeStun,
  xorMappedAddress,
} from '../../stun/format.ts'

// The STUN messages of ICE's connectivity checks: RFC 8489 as RFC 8445 §7 uses it.

const BINDING_INDICATION = 0x0011

const USERNAME = 0x0006
const PRIORITY = 0x0024
const USE_CANDIDATE = 0x0025
const ICE_CONTROLLED = 0x8029
const ICE_CONTROLLING = 0x802a

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
  const transaction = Buffer.from(octets.subarray(8, HEADER)).toString('hex')
  const attributes: Attributes = { username: null, priority: 0, useCandidate: false, role: null, errorCode: 0 }
  for (let at = HEADER; at < length; ) {
    if (at + 4 > length) return null
    const [type, size] = [view.getUint16(at), view.getUint16(at + 2)]
    const value = at + 4
    if (value + size > length) return null
    if (type === MESSAGE_INTEGRITY && size === INTEGRITY_LENGTH) {
      return { kind, transaction, ...attributes, octets, integrityAt: at }
    }
    readAttribute(attributes, type, viewOf(octets.subarray(value, value + size)))
    at = value + padded(size)
  }
  return { kind, transaction, ...attributes, octets, integrityAt: null }
}

/** What a message may hold, as far as it has been read. */
type Attributes = {
  -readonly [name in 'username' | 'priority' | 'useCandidate' | 'role' | 'errorCode']: StunMessage[name]
}

function readAttribute(read: Attributes, type: number, value: DataView): void {
  const { buffer, byteOffset, byteLength: size } = value
  switch (type) {
    case USERNAME:
      read.username = Buffer.from(buffer, byteOffset, size).toString('latin1')
      return
    case PRIORITY:
      if (size === 4) read.priority = value.getUint32(0)
      return
    case USE_CANDIDATE:
      read.useCandidate = true
      return
    case ICE_CONTROLLED:
    case ICE_CONTROLLING:
      if (size === 8) {
        const name = type === ICE_CONTROLLING ? 'controlling' : 'controlled'
        read.role = { name, tieBreaker: value.getBigUint64(0) }
      }
      return
    case ERROR_CODE:
      if (size >= 4) read.errorCode = (value.getUint8(2) & 7) * 100 + value.getUint8(3)
  }
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
    { type: USERNAME, value: Buffer.from(check.username, 'latin1') },
    { type: PRIORITY, value: priority },
    { type: check.role === 'controlling' ? ICE_CONTROLLING : ICE_CONTROLLED, value: role },
  ]
  if (check.useCandidate) attributes.push({ type: USE_CANDIDATE, value: new Uint8Array(0) })
  return writeStun(BINDING_REQUEST, identityOf(check.transaction), attributes, sealedBy(check.password))
}

/** The answer to a check that came from `source`: we know it, and the peer learns by which address. `password`: ours. */
export function writeSuccess(transaction: string, source: Endpoint, password: string): Uint8Array {
  const identity = identityOf(transaction)
  const mapped = xorMappedAddress(source, identity)
  return writeStun(BINDING_SUCCESS, identity, mapped === null ? [] : [mapped], sealedBy(password))
}

/** An answer that refuses a check. `password`: ours. */
export function writeError(transaction: string, code: 400 | 487, password: string): Uint8Array {
  const reason = code === 487 ? 'Role Conflict' : 'Bad Request'
  return writeStun(BINDING_ERROR, identityOf(transaction), [errorCode(code, reason)], sealedBy(password))
}

// RFC 8445 §7.1.1: every message of ICE has both.
function sealedBy(password: string) {
  return { password, fingerprint: true }
}

function identityOf(transaction: string): Uint8Array {
  const identity = Buffer.alloc(16)
  identity.writeUInt32BE(MAGIC_COOKIE)
  identity.write(transaction, 4, 'hex')
  return identity
}
