// Alerts of TLS (RFC 5246 §7.2).

export const WARNING = 1
export const FATAL = 2
export const CLOSE_NOTIFY = 0
export const HANDSHAKE_FAILURE = 40

const NAMES = new Map([
  [0, 'close_notify'],
  [10, 'unexpected_message'],
  [20, 'bad_record_mac'],
  [40, 'handshake_failure'],
  [42, 'bad_certificate'],
  [43, 'unsupported_certificate'],
  [46, 'certificate_unknown'],
  [47, 'illegal_parameter'],
  [48, 'unknown_ca'],
  [50, 'decode_error'],
  [51, 'decrypt_error'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [110, 'unsupported_extension'],
])

export interface Alert {
  readonly isFatal: boolean
  readonly description: number
}

/** An alert in plain text; null if it is none. */
export function readAlert(plain: Uint8Array): Alert | null {
  const [level, description] = plain
  if (plain.length !== 2 || level === undefined || description === undefined) return null
  return { isFatal: level === FATAL, description }
}

/** Whether nothing comes after it (RFC 5246 §7.2.1, §7.2.2). */
export function endsConnection({ isFatal, description }: Alert): boolean {
  return isFatal || description === CLOSE_NOTIFY
}

export function alertName(description: number): string {
  return NAMES.get(description) ?? `alert ${description}`
}
