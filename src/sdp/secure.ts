import { isIP } from '../platform/address.ts'
import type { Endpoint } from '../platform/network.ts'
import { readAddress } from './address.ts'

// What SDP says of ICE (RFC 8839), DTLS (RFC 8842, RFC 8122) and BUNDLE (RFC 9143).

/** What the checks of an ICE agent are proved by (RFC 8839 §5.4). */
export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
}

/** Where an ICE agent may be reached, and how much it likes that (RFC 8839 §5.1). */
export interface Candidate extends Endpoint {
  readonly priority: number
}

/** The hash of a certificate (RFC 8122 §5). */
export interface Fingerprint {
  /** As in `sha-256`, lower case. */
  readonly algorithm: string
  /** Octets in hex with colons between, upper case. */
  readonly value: string
}

/** Who says hello first in DTLS (RFC 4145 §4, RFC 8842 §5.1). */
export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn'

/** The secure side of an m-line, its session's attributes taken in. */
export interface SecureDescription {
  readonly ice: IceCredentials & { readonly candidates: readonly Candidate[]; readonly lite: boolean }
  readonly fingerprints: readonly Fingerprint[]
  /** null: it does not say. */
  readonly setup: Setup | null
  /** Its name (RFC 5888); null: it has none. */
  readonly mid: string | null
  /** Whether it shares its way with others (RFC 9143). */
  readonly bundled: boolean
}

/** The secure side of our own m-line. */
export interface OwnSecure {
  readonly ice: IceCredentials
  readonly candidates: readonly Candidate[]
  readonly fingerprint: Fingerprint
  readonly setup: Setup
  /** null: the peer's description gave it no name. */
  readonly mid: string | null
  readonly bundled: boolean
}

/** More than any browser has; each costs a check. */
const MOST_CANDIDATES = 32

const patterns = {
  ufrag: /^a=ice-ufrag:([\w+/=-]{4,256})$/,
  password: /^a=ice-pwd:([\w+/=-]{22,256})$/,
  fingerprint: /^a=fingerprint:([\w-]{1,16}) ([\da-f]{2}(?::[\da-f]{2}){15,63})$/i,
  setup: /^a=setup:(active|passive|actpass|holdconn)$/,
  mid: /^a=mid:([\w.!#$%&'*+^`{|}~-]{1,32})$/,
  candidate:
    /^a=candidate:\S{1,64} 1 udp (\d{1,10}) (\S{1,64}) (\d{1,5}) typ (?:host|srflx|prflx|relay)(?: .{0,200})?$/i,
  bundle: /^a=group:BUNDLE ([^\r\n]{1,300})$/,
  lite: /^a=ice-lite$/,
} as const

/** Hash functions by which a certificate can still be told from others (RFC 8122 §5.1; SHA-1 and MD5 are broken). */
const proving: ReadonlySet<string> = new Set(['sha-256', 'sha-384', 'sha-512'])

/** What all of them begin with: phones that know nothing of it should cost nothing. */
const beginning = /^a=(?:ice-|fingerprint:|setup:|mid:|candidate:|group:)/

/** Whether a line is one that `secureSides` reads. */
export function isSecureLine(line: string): boolean {
  return beginning.test(line) && Object.values(patterns).some((pattern) => pattern.test(line))
}

/** The secure side of each m-line of a description, null where it has none that is whole; empty if nothing is said of any. */
export function secureSides(lines: readonly string[]): (SecureDescription | null)[] {
  if (!lines.some((line) => beginning.test(line))) return []
  const [session = [], ...media] = sections(lines)
  const lite = session.some((line) => patterns.lite.test(line))
  const bundle = new Set(find(session, patterns.bundle)?.split(' '))
  return media.map((own) => secureSide(own, session, { lite, bundle }))
}

/** The lines of the session, then those of each m-line. */
function sections(lines: readonly string[]): string[][] {
  const found: string[][] = [[]]
  for (const line of lines) {
    if (line.startsWith('m=')) found.push([])
    found.at(-1)?.push(line)
  }
  return found
}

function secureSide(
  own: readonly string[],
  session: readonly string[],
  { lite, bundle }: { readonly lite: boolean; readonly bundle: ReadonlySet<string> },
): SecureDescription | null {
  const either = (pattern: RegExp): string | null => find(own, pattern) ?? find(session, pattern)
  const [ufrag, password] = [either(patterns.ufrag), either(patterns.password)]
  const ownPrints = own.flatMap(fingerprintOf)
  const fingerprints = ownPrints.length > 0 ? ownPrints : session.flatMap(fingerprintOf)
  if (ufrag === null || password === null || fingerprints.length === 0) return null
  const candidates = own.flatMap(candidateOf).slice(0, MOST_CANDIDATES)
  const mid = find(own, patterns.mid)
  const ice = { ufrag, password, candidates, lite }
  return { ice, fingerprints, setup: setupOf(either(patterns.setup)), mid, bundled: mid !== null && bundle.has(mid) }
}

function find(lines: readonly string[], pattern: RegExp): string | null {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1]
    if (value !== undefined) return value
  }
  return null
}

function fingerprintOf(line: string): Fingerprint[] {
  const [, algorithm, value] = patterns.fingerprint.exec(line) ?? []
  if (algorithm === undefined || value === undefined || !proving.has(algorithm.toLowerCase())) return []
  return [{ algorithm: algorithm.toLowerCase(), value: value.toUpperCase() }]
}

function setupOf(value: string | null): Setup | null {
  return value === 'active' || value === 'passive' || value === 'actpass' || value === 'holdconn' ? value : null
}

// A browser hides its addresses behind names that mDNS resolves (`.local`): its checks tell us where it is.
function candidateOf(line: string): Candidate[] {
  const [, priority, text, port] = patterns.candidate.exec(line) ?? []
  if (text === undefined || !isIP(text)) return []
  const address = readAddress(text.includes(':') ? 6 : 4, text)
  const at = { address: address ?? '', port: Number(port), priority: Number(priority) }
  return address === null || at.port > 65_535 || at.port === 0 || at.priority >= 2 ** 32 ? [] : [at]
}

/** The lines of the session that go with our m-lines. */
export function writeBundle(mids: readonly string[]): string {
  return mids.length === 0 ? '' : `a=group:BUNDLE ${mids.join(' ')}\r\n`
}

/** The lines of our m-line. */
export function writeSecure({ ice, candidates, fingerprint, setup, mid }: OwnSecure): string {
  let text = mid === null ? '' : `a=mid:${mid}\r\n`
  text += `a=ice-ufrag:${ice.ufrag}\r\na=ice-pwd:${ice.password}\r\n`
  for (const [index, { address, port, priority }] of candidates.entries()) {
    text += `a=candidate:${index + 1} 1 udp ${priority} ${address} ${port} typ host\r\n`
  }
  return `${text}a=end-of-candidates\r\na=fingerprint:${fingerprint.algorithm} ${fingerprint.value}\r\na=setup:${setup}\r\n`
}
