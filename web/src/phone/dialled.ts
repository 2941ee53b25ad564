/** What was typed into the dial field. */
export type Dialled =
  | { readonly kind: 'nothing' }
  /** A number or name of this server's. */
  | { readonly kind: 'user'; readonly user: string }
  /** An address elsewhere, `user@host`. */
  | { readonly kind: 'address'; readonly user: string; readonly host: string }

/** Signs that people write between digits (RFC 3966 §5.1.1), and the spaces that word processors put there. */
const SEPARATORS = /[\s\u00a0\u202f()./–—-]+/g

/** Reads what a person typed or pasted: `+1 (555) 123-4567`, `*43`, `alice`, `sip:alice@example.com`. */
export function dialled(text: string): Dialled {
  const bare = text.trim().replace(/^(sips?|tel|callto):/i, '')
  const at = bare.indexOf('@')
  if (at > 0) return { kind: 'address', user: bare.slice(0, at), host: bare.slice(at + 1) }
  const digits = bare.replace(SEPARATORS, '')
  if (/^\+?[\d*#]+$/.test(digits)) return { kind: 'user', user: digits }
  return bare === '' ? { kind: 'nothing' } : { kind: 'user', user: bare }
}
