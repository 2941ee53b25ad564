import { HEADER_LENGTH, MALFORMED, MAX_PACKET_LENGTH, sequenceNumber, ssrc } from '../packet.ts'
import { Protection, TAG_LENGTH } from './protection.ts'
import { deriveSessionKeys } from './sessionKeys.ts'
import { rolloverOf, Sources } from './sources.ts'
import type { SrtpKey, SrtpKeys, SrtpProfile } from './srtpKeys.ts'

export type { SrtpKey, SrtpKeys, SrtpProfile } from './srtpKeys.ts'

/** Why a packet was not taken. */
export type Refused =
  /** Too short or too long, or its header does not fit into it. */
  | 'malformed'
  /** Its tag is not the peer's. */
  | 'forged'
  /** Taken before, or older than anybody remembers. */
  | 'replayed'

/** The E flag and index that follow an RTCP packet (RFC 3711 §3.4). */
const INDEX_LENGTH = 4
const RTCP_HEADER_LENGTH = 8
const ENCRYPTED = 0x80000000
const ROLLOVER = 0x10000

interface Protections {
  readonly rtp: Protection
  readonly rtcp: Protection
}

/** What comes from the peer under one key. */
interface Incoming extends Protections {
  readonly taken: Sources
  readonly takenRtcp: Sources
}

/** SRTP and SRTCP (RFC 3711) of one peer, in both directions. Nothing is allocated for a packet but its keystream. */
export class SrtpSession {
  #keys: SrtpKeys
  #out: Protections
  #in: Incoming
  /** What came under the key before, until the first packet under this one. */
  #former: Incoming | null = null
  #sent = new Sources()
  readonly #buffer = new Uint8Array(MAX_PACKET_LENGTH + INDEX_LENGTH + TAG_LENGTH)
  #rtcpIndex = 0

  constructor(keys: SrtpKeys) {
    const { profile, local, remote } = keys
    this.#keys = keys
    this.#out = protections(local, profile)
    this.#in = { ...protections(remote, profile), taken: new Sources(), takenRtcp: new Sources() }
  }

  /**
   * Goes on with these keys (RFC 4568 §7.1.4); a direction whose key is the same goes on as before. Another key of ours
   * for the same suite leads to another place, where nobody has counted yet (RFC 3711 §3.2.3), and must never come back. The peer is understood under its
   * former key until the first packet under the new one.
   */
  renew(keys: SrtpKeys): void {
    const { profile, local, remote } = this.#keys
    const same = keys.profile === profile
    this.#keys = keys
    const kept = isSame(keys.local, local)
    if (!same || !kept) this.#out = protections(keys.local, keys.profile)
    if (same && !kept) this.#sent = new Sources()
    if (same && isSame(keys.remote, remote)) return
    this.#former = this.#in
    this.#in = { ...protections(keys.remote, keys.profile), taken: this.#in.taken, takenRtcp: new Sources() }
  }

  /**
   * The RTP packet encrypted and tagged, valid until the next call. The packet is one that `payloadLength` accepts; none may
   * come with an SSRC and sequence number that another had, or both could be read.
   */
  protect(rtp: Uint8Array): Uint8Array {
    const { length } = rtp
    const clear = clearLength(rtp, length)
    if (clear === MALFORMED) throw new RangeError(`not an RTP packet that can be sent: ${length} octets`)
    const source = ssrc(rtp)
    const sequence = sequenceNumber(rtp)
    const sent = this.#sent.find(source)
    const rollover = rolloverOf(sequence, sent.newest)
    if (rollover >= 0) {
      sent.add(rollover * ROLLOVER + sequence)
      this.#sent.keep(source, sent)
    }
    // From before the first packet, which had 0: the peer will not take it, but no keystream is used twice (§3.3.1).
    const roc = rollover >>> 0
    const packet = this.#buffer
    packet.set(rtp)
    this.#out.rtp.crypt(packet, clear, length, source, roc, sequence)
    this.#out.rtp.seal(packet, length, roc)
    return packet.subarray(0, length + this.#out.rtp.tagLength)
  }

  /** The packet decrypted where it lies, a view of `srtp`; its padding is not checked. Or why it was not taken: it is as it was. */
  unprotect(srtp: Uint8Array): Uint8Array | Refused {
    const opened = open(this.#in, srtp)
    return this.#former === null ? opened : this.#whileChanging(this.#former, opened, srtp)
  }

  /** The compound RTCP packet encrypted, numbered and tagged; valid until the next call. */
  protectRtcp(rtcp: Uint8Array): Uint8Array {
    const { length } = rtcp
    if (length < RTCP_HEADER_LENGTH || length > MAX_PACKET_LENGTH) throw new RangeError(`RTCP of ${length} octets`)
    const packet = this.#buffer
    // §3.4: counted up before each packet is sent, over all SSRCs; one a second lasts for 68 years.
    this.#rtcpIndex = (this.#rtcpIndex + 1) % ENCRYPTED
    packet.set(rtcp)
    const index = this.#rtcpIndex
    this.#out.rtcp.crypt(packet, RTCP_HEADER_LENGTH, length, uint32(rtcp, 4), index >>> 16, index & 0xffff)
    const word = index + ENCRYPTED
    for (let at = 0; at < INDEX_LENGTH; at++) packet[length + at] = word >>> (24 - 8 * at)
    this.#out.rtcp.seal(packet, length + INDEX_LENGTH, null)
    return packet.subarray(0, length + INDEX_LENGTH + TAG_LENGTH)
  }

  /** The compound RTCP packet decrypted where it lies, a view of `srtcp`; or why it was not taken. */
  unprotectRtcp(srtcp: Uint8Array): Uint8Array | Refused {
    const opened = openRtcp(this.#in, srtcp)
    return opened === 'forged' && this.#former !== null ? openRtcp(this.#former, srtcp) : opened
  }

  /** `opened`: what came of the new key. */
  #whileChanging(former: Incoming, opened: Uint8Array | Refused, srtp: Uint8Array): Uint8Array | Refused {
    if (opened === 'malformed') return opened
    if (typeof opened !== 'string') {
      this.#former = null
      return opened
    }
    // RFC 3711 §3.3.1 has the peer's rollovers counted on under another key; many begin anew all the same.
    const anew = { ...this.#in, taken: new Sources() }
    const reopened = open(anew, srtp)
    if (typeof reopened === 'string') return open(former, srtp)
    this.#in = anew
    this.#former = null
    return reopened
  }
}

function open({ rtp, taken: sources }: Incoming, srtp: Uint8Array): Uint8Array | Refused {
  const length = srtp.length - rtp.tagLength
  const clear = clearLength(srtp, length)
  if (clear === MALFORMED) return 'malformed'
  const source = ssrc(srtp)
  const sequence = sequenceNumber(srtp)
  const taken = sources.find(source)
  const roc = rolloverOf(sequence, taken.newest)
  const index = roc * ROLLOVER + sequence
  if (roc < 0 || taken.has(index)) return 'replayed'
  if (!rtp.isSealed(srtp, length, roc)) return 'forged'
  taken.add(index)
  sources.keep(source, taken)
  rtp.crypt(srtp, clear, length, source, roc, sequence)
  return srtp.subarray(0, length)
}

function openRtcp({ rtcp, takenRtcp }: Incoming, srtcp: Uint8Array): Uint8Array | Refused {
  const length = srtcp.length - TAG_LENGTH - INDEX_LENGTH
  if (length < RTCP_HEADER_LENGTH || length > MAX_PACKET_LENGTH || (srtcp[0] ?? 0) >> 6 !== 2) return 'malformed'
  const source = uint32(srtcp, 4)
  const word = uint32(srtcp, length)
  const index = word % ENCRYPTED
  const taken = takenRtcp.find(source)
  if (taken.has(index)) return 'replayed'
  if (!rtcp.isSealed(srtcp, length + INDEX_LENGTH, null)) return 'forged'
  taken.add(index)
  takenRtcp.keep(source, taken)
  if (word >= ENCRYPTED) rtcp.crypt(srtcp, RTCP_HEADER_LENGTH, length, source, index >>> 16, index & 0xffff)
  return srtcp.subarray(0, length)
}

/** Octets of the tags of RTP. */
const RTP_TAG: Readonly<Record<SrtpProfile, number>> = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 }

function protections(master: SrtpKey, profile: SrtpProfile): Protections {
  return {
    rtp: new Protection(deriveSessionKeys(master, 'rtp'), RTP_TAG[profile]),
    rtcp: new Protection(deriveSessionKeys(master, 'rtcp')),
  }
}

function isSame(a: SrtpKey, b: SrtpKey): boolean {
  return Buffer.compare(a.key, b.key) === 0 && Buffer.compare(a.salt, b.salt) === 0
}

/** Octets of a packet of `length` octets that stay in the clear: header, CSRC list, header extension (RFC 3711 §3.1). */
function clearLength(packet: Uint8Array, length: number): number {
  const first = packet[0] ?? 0
  if (length < HEADER_LENGTH || length > MAX_PACKET_LENGTH || first >> 6 !== 2) return MALFORMED
  const extension = HEADER_LENGTH + 4 * (first & 0x0f)
  if ((first & 0x10) === 0) return extension > length ? MALFORMED : extension
  if (extension + 4 > length) return MALFORMED
  const words = ((packet[extension + 2] ?? 0) << 8) | (packet[extension + 3] ?? 0)
  const clear = extension + 4 + 4 * words
  return clear > length ? MALFORMED : clear
}

function uint32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return (bytes[at] ?? 0) * 0x1000000 + low
}
