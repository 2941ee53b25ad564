import { Reader } from './reader.ts'

/** SRTP_AES128_CM_HMAC_SHA1_80 (RFC 5764 §4.1.2). */
export const SRTP_PROFILE = 0x0001

const USE_SRTP = 14
const EXTENDED_MASTER_SECRET = 23

/** What of a ClientHello or a ServerHello decides whether we go on. */
export interface Hello {
  /** 32 octets. */
  readonly random: Buffer
  /** Offered by a client, chosen by a server. */
  readonly suites: readonly number[]
  /** Empty if there is no use_srtp (RFC 5764 §4.1.1). */
  readonly srtpProfiles: readonly number[]
  /** Whether it has the extension of RFC 7627. */
  readonly extendedMasterSecret: boolean
}

/** A ClientHello (RFC 5246 §7.4.1.2, with the cookie of RFC 6347 §4.2.1); null if it is none. */
export function readClientHello(body: Buffer): Hello | null {
  const reader = new Reader(body)
  reader.skip(2)
  const random = reader.take(32)
  reader.vector(1)
  reader.vector(1)
  const suites = uint16s(reader.vector(2))
  reader.vector(1)
  return hello(reader, random, suites)
}

/** A ServerHello (RFC 5246 §7.4.1.3); null if it is none. */
export function readServerHello(body: Buffer): Hello | null {
  const reader = new Reader(body)
  reader.skip(2)
  const random = reader.take(32)
  reader.vector(1)
  const suites = uint16s(reader.take(2))
  reader.skip(1)
  return hello(reader, random, suites)
}

function hello(reader: Reader, random: Buffer, suites: readonly number[]): Hello | null {
  const extensions = new Map<number, Buffer>()
  if (reader.left > 0) {
    const list = new Reader(reader.vector(2))
    while (list.left > 0 && !list.failed) extensions.set(list.uint16(), list.vector(2))
    if (list.failed) return null
  }
  if (reader.failed || reader.left > 0) return null
  const srtp = new Reader(extensions.get(USE_SRTP) ?? Buffer.alloc(0))
  const srtpProfiles = extensions.has(USE_SRTP) ? uint16s(srtp.vector(2)) : []
  return { random, suites, srtpProfiles, extendedMasterSecret: extensions.has(EXTENDED_MASTER_SECRET) }
}

function uint16s(octets: Buffer): readonly number[] {
  const reader = new Reader(octets)
  const numbers: number[] = []
  while (reader.left >= 2) numbers.push(reader.uint16())
  return numbers
}
