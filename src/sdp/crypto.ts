// Keys of SRTP in SDP: the security descriptions of RFC 4568.

/** Suites that we know, the preferred first (RFC 4568 §6.2). */
export const SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const
export type CryptoSuite = (typeof SUITES)[number]

/** Octets of a master key and of the salt behind it (RFC 4568 §6.1, §6.2). */
export const KEY_LENGTH = 16
export const SALT_LENGTH = 14

/** A suite, and what its side sends with. */
export interface CryptoKey {
  readonly suite: CryptoSuite
  /** Master key and salt, 30 octets. */
  readonly keySalt: Uint8Array
}

/** An a=crypto line. */
export interface Crypto extends CryptoKey {
  /** By which an answer names the line that it takes. */
  readonly tag: number
}

/** What an offer and its answer have settled. */
export interface AgreedCrypto {
  /** Our line, and the peer's. */
  readonly ours: Crypto
  readonly theirs: Crypto
}

/** More than any phone offers. */
const MOST_LINES = 16

const pattern =
  /^a=crypto:(\d{1,9}) (AES_CM_128_HMAC_SHA1_(?:80|32)) inline:([\w+/]{40})(?:\|(?:2\^)?\d{1,20})?((?: +[\x21-\x7e]{1,64}){0,8})$/
/** How far back its sender looks for replays is its own matter; what begins with a dash may be passed over (RFC 4568 §6.3). */
const harmless = /^(?:WSH=\d+|-.*)$/

/** Whether `cryptoSides` reads the line. */
export function isCryptoLine(line: string): boolean {
  return line.startsWith('a=crypto:')
}

/**
 * The keys of each m-line of a description, in its order of preference; empty if there are none. Lines that ask for what we don't
 * have are passed over: other suites, an MKI in each packet, packets that are not encrypted (RFC 4568 §5.1.2).
 */
export function cryptoSides(lines: readonly string[]): (readonly Crypto[])[] {
  if (!lines.some(isCryptoLine)) return []
  const sides: Crypto[][] = []
  for (const line of lines) {
    if (line.startsWith('m=')) sides.push([])
    const side = sides.at(-1)
    const crypto = side && side.length < MOST_LINES && isCryptoLine(line) ? readCrypto(line) : null
    if (crypto) side?.push(crypto)
  }
  return sides
}

function readCrypto(line: string): Crypto | null {
  const [, tag, name, inline, parameters = ''] = pattern.exec(line) ?? []
  const suite = SUITES.find((known) => known === name)
  if (inline === undefined || suite === undefined) return null
  const known = parameters.split(' ').every((parameter) => parameter === '' || harmless.test(parameter))
  // Octets of their own: Node's small buffers share a slab, and all of that would cross with them to another thread.
  return known ? { tag: Number(tag), suite, keySalt: new Uint8Array(Buffer.from(inline, 'base64')) } : null
}

/** The lines of our m-line. */
export function writeCrypto(lines: readonly Crypto[]): string {
  return lines.map(({ tag, suite, keySalt }) => `a=crypto:${tag} ${suite} inline:${base64(keySalt)}\r\n`).join('')
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64')
}

/** What we offer: what is in force, with the keys that it has, or else each of `keys` (RFC 4568 §7.1.4, §7.1.1). */
export function offeredCrypto(keys: readonly CryptoKey[], former: AgreedCrypto | null): readonly Crypto[] {
  return former === null ? keys.map((key, at) => ({ tag: at + 1, ...key })) : [former.ours]
}

/** What an offer of the peer's settles: the first of its lines that one of `keys` goes with (RFC 4568 §7.1.2); null: none does. */
export function chosenCrypto(keys: readonly CryptoKey[], theirs: readonly Crypto[]): AgreedCrypto | null {
  for (const line of theirs) {
    const key = keys.find(({ suite }) => suite === line.suite)
    if (key) return { ours: { tag: line.tag, ...key }, theirs: line }
  }
  return null
}

/** What the peer's answer settles: the line that has tag and suite of one of `ours` (RFC 4568 §7.1.3); null: none has. */
export function settledCrypto(ours: readonly Crypto[], theirs: readonly Crypto[]): AgreedCrypto | null {
  for (const line of theirs) {
    const own = ours.find(({ tag, suite }) => tag === line.tag && suite === line.suite)
    if (own) return { ours: own, theirs: line }
  }
  return null
}
