/** Octets from hex, blanks aside. */
export const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

/** Octets as hex in groups of four, as RFCs draw them. */
export const hex = (octets: Uint8Array): string => (Buffer.from(octets).toString('hex').match(/.{8}/g) ?? []).join(' ')

/** A sender report of `ssrc` (8 hex digits) with these report blocks; the middle of its NTP timestamp is 56781234. */
export const senderReport = (ssrc: string, ...blocks: readonly string[]): string =>
  `${count(blocks)}c8 ${words(6 + 6 * blocks.length)} ${ssrc} e1235678 1234abcd 00001000 00000007 00000460 ${blocks.join(' ')}`

export const receiverReport = (ssrc: string, ...blocks: readonly string[]): string =>
  `${count(blocks)}c9 ${words(1 + 6 * blocks.length)} ${ssrc} ${blocks.join(' ')}`

/** A report block about `ssrc`, each field 8 hex digits: lost (8 + 24 bits), highest, jitter, LSR, DLSR. */
export const block = (
  ssrc: string,
  { lost = '00000000', highest = '00000000', jitter = '00000000', lsr = '00000000', dlsr = '00000000' } = {},
): string => `${ssrc} ${lost} ${highest} ${jitter} ${lsr} ${dlsr}`

const count = (blocks: readonly string[]): string => (0x80 | blocks.length).toString(16)
const words = (length: number): string => length.toString(16).padStart(4, '0')
