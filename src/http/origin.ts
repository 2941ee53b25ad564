import { plainAddress } from '../platform/address.ts'

export interface OriginRule {
  /** Whether a host, as plainAddress gives it, is this server. */
  readonly isOurs: (host: string) => boolean
  /** More origins whose pages may connect, as in `https://phones.example.com`. */
  readonly allowed: readonly string[]
}

/**
 * Whether a WebSocket may be opened by a page of `origin` (RFC 6455 §10.2): a page of our own, which is one of the very
 * host and port it connects to (`host`, the Host header) where that is us; one that is listed; or no page at all, for what
 * is no browser says no Origin.
 */
export function admitsOrigin(origin: string | null, host: string | null, rule: OriginRule): boolean {
  if (origin === null) return true
  const page = parsed(origin)
  if (page === null) return false
  if (rule.allowed.some((allowed) => parsed(allowed)?.origin === page.origin)) return true
  const asked = parsed(`https://${host ?? ''}`)
  return asked?.origin === page.origin && rule.isOurs(plainAddress(page.hostname))
}

// Opaque ones, of files and sandboxes, say `null`.
function parsed(origin: string): URL | null {
  return URL.canParse(origin) ? new URL(origin) : null
}
