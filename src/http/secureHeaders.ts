/** What a page may load and do: its own files, its own WebSocket, sound that it makes itself. No inline script or style. */
const CONTENT_POLICY = [
  "default-src 'self'",
  "connect-src 'self' wss:",
  "img-src 'self' data: blob:",
  "media-src 'self' blob: mediastream:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const ALWAYS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
}

const A_YEAR = 365 * 24 * 3600

/**
 * The headers that every answer has. `isPublic`: whether the certificate is of an authority that browsers know. Of our own
 * it is not: a browser told to insist (RFC 6797) would lock out whoever has not installed it.
 */
export function secureHeaders(isPublic: boolean): Record<string, string> {
  return isPublic ? { ...ALWAYS, 'strict-transport-security': `max-age=${A_YEAR}` } : { ...ALWAYS }
}
