/**
 * Whether a WebSocket may be opened by a page of `origin` (RFC 6455 §10.2): a page of our own, which is one of the very
 * host and port it connects to (`host`, the Host header), by whatever name the network knows us; one that is in `allowed`,
 * as in `https://phones.example.com`; or no page at all, for what is no browser says no Origin.
 *
 * A page of somebody else's whose name leads to our address (DNS rebinding) would need our certificate to have that name,
 * and nothing that a browser sends of its own accord lets anybody in here.
 */
export function admitsOrigin(origin: string | null, host: string | null, allowed: readonly string[]): boolean {
  if (origin === null) return true
  const page = parsed(origin)
  if (page === null) return false
  if (allowed.some((each) => parsed(each)?.origin === page.origin)) return true
  return parsed(`https://${host ?? ''}`)?.origin === page.origin
}

// Opaque ones, of files and sandboxes, say `null`.
function parsed(origin: string): URL | null {
  return URL.canParse(origin) ? new URL(origin) : null
}
