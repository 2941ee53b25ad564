/**
 * What an Opus packet says of itself without being decoded (RFC 6716 §3): its first octet, the TOC, is a configuration in 5
 * bits, stereo in 1, and how many frames follow in 2.
 */

/** What a packet may last at most (RFC 6716 §3.2.5), samples at 48 kHz. */
const LONGEST = 5760
/** Frame lengths of SILK and of CELT by the lower 2 bits of the configuration (RFC 6716 §3.1), samples at 48 kHz. */
const SILK_LENGTHS = [480, 960, 1920, 2880] as const
const CELT_LENGTHS = [120, 240, 480, 960] as const
/** From these configurations on hybrid frames, of 10 and 20 ms by turns, and those of CELT alone. */
const FIRST_HYBRID = 12
const FIRST_CELT = 16

/** How long `packet` lasts, samples at 48 kHz whatever it was encoded from; 0: it cannot be one. */
export function packetLength(packet: Uint8Array): number {
  const frames = framesIn(packet)
  const length = frames * frameLength((packet[0] ?? 0) >> 3)
  return length <= LONGEST ? length : 0
}

/** Whether `packet` carries what was said before it once more (LBRR frames, RFC 6716 §4.2.4), in few bits. */
export function carriesPrevious(packet: Uint8Array): boolean {
  const toc = packet[0] ?? 0
  const configuration = toc >> 3
  const at = firstFrame(packet)
  if (configuration >= FIRST_CELT || at < 0 || at + 1 >= packet.length) return false
  // The frame begins with a flag for the voice in each 20 ms, then the one we want; then the same for the side channel.
  const flags = Math.max(1, frameLength(configuration) / 960)
  const octet = packet[at] ?? 0
  const isStereo = (toc & 4) !== 0
  return ((octet >> (7 - flags)) & 1) === 1 || (isStereo && ((octet >> (6 - 2 * flags)) & 1) === 1)
}

/**
 * A TOC like `toc`, but of one frame of 10 or 20 ms. Such an octet without a frame behind it is a packet that was lost on
 * its way, as far as a decoder goes: it fills in for that time.
 */
export function lostFrame(toc: number, length: 10 | 20): number {
  const configuration = toc >> 3
  const isLong = length === 20 ? 1 : 0
  if (configuration >= FIRST_CELT) return (((configuration & ~3) | 2 | isLong) << 3) | (toc & 4)
  if (configuration >= FIRST_HYBRID) return (((configuration & ~1) | isLong) << 3) | (toc & 4)
  return (((configuration & ~3) | isLong) << 3) | (toc & 4)
}

function frameLength(configuration: number): number {
  if (configuration >= FIRST_CELT) return CELT_LENGTHS[configuration & 3] ?? 0
  if (configuration >= FIRST_HYBRID) return SILK_LENGTHS[configuration & 1] ?? 0
  return SILK_LENGTHS[configuration & 3] ?? 0
}

/** How many frames the packet says it has; 0: none, which cannot be. */
function framesIn(packet: Uint8Array): number {
  if (packet.length === 0) return 0
  const code = (packet[0] ?? 0) & 3
  if (code < 3) return code === 0 ? 1 : 2
  return (packet[1] ?? 0) & 0x3f
}

/** Where the first frame begins; below 0: the packet is broken. */
function firstFrame(packet: Uint8Array): number {
  switch ((packet[0] ?? 0) & 3) {
    case 2:
      return 1 + sizeOfLength(packet, 1)
    case 3:
      return firstOfMany(packet)
    default:
      return 1
  }
}

/** RFC 6716 §3.2.5: how many frames there are, how much padding, and, where they differ, how long all but the last are. */
function firstOfMany(packet: Uint8Array): number {
  const header = packet[1] ?? 0
  let at = 2
  if (header & 0x40) while (packet[at++] === 255);
  if (header & 0x80) for (let left = (header & 0x3f) - 1; left > 0; left--) at += sizeOfLength(packet, at)
  return at < packet.length ? at : -1
}

/** RFC 6716 §3.2.1: a length takes a second octet from 252 on. */
function sizeOfLength(packet: Uint8Array, at: number): number {
  return (packet[at] ?? 0) < 252 ? 1 : 2
}
