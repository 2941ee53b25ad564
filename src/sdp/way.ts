import type { AgreedSecure, LocalSecure } from './agreement.ts'
import type { OwnSecure, SecureDescription, Setup } from './secure.ts'

/** What stays of a secure stream's description, whatever its addresses and keys. */
export interface Way {
  /** Its name (RFC 5888); null: the peer gave it none. */
  readonly mid: string | null
  /** Whether it is in a BUNDLE group (RFC 9143). */
  readonly bundled: boolean
}

/** As the first offer of ours names it. */
export const OFFERED: Way = { mid: '0', bundled: true }

/** The way that an offer of the peer's describes. */
export function wayOf({ mid, bundled }: SecureDescription): Way {
  return { mid, bundled }
}

/**
 * What an offer of the peer's settles. Who is the client stays as it was (RFC 8842 §5.5); at first it is us, where we have the
 * choice. Who says nothing of it is active (RFC 4145 §4).
 */
export function answeredWith(theirs: SecureDescription, former: AgreedSecure | null): AgreedSecure {
  const { setup } = theirs
  if (setup === 'passive') return securedBy(theirs, 'client')
  if (setup === 'active' || setup === null) return securedBy(theirs, 'server')
  return securedBy(theirs, former?.dtls.role ?? 'client')
}

/** What the peer's answer to an offer of ours settles: it has chosen; who says nothing is passive. */
export function settledBy(theirs: SecureDescription): AgreedSecure {
  return securedBy(theirs, theirs.setup === 'passive' || theirs.setup === null ? 'client' : 'server')
}

function securedBy({ ice, fingerprints }: SecureDescription, role: AgreedSecure['dtls']['role']): AgreedSecure {
  return { ice, dtls: { role, fingerprints } }
}

/** How an answer of ours names our role. */
export function setupOf({ dtls }: AgreedSecure): Setup {
  return dtls.role === 'client' ? 'active' : 'passive'
}

/** What we say of our end. */
export function ownSecure(way: Way | null, local: LocalSecure | null, setup: Setup): OwnSecure | null {
  if (way === null) return null
  if (local === null) throw new TypeError('a secure session without an end of ours')
  const { ice, candidates, fingerprint } = local
  return { ice, candidates, fingerprint, setup, mid: way.mid, bundled: way.bundled }
}
