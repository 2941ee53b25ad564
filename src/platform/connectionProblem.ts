import { systemCode } from './systemError.ts'

const PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ETIMEDOUT: 'nothing came back',
  ETIMEOUT: 'nothing came back',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EADDRNOTAVAIL: 'our own address is gone',
  ECONNRESET: 'the other side has hung up in the middle',
  EPIPE: 'the other side has hung up in the middle',
  TLS_SILENT: 'the other side took the connection and says nothing to TLS; perhaps that port speaks plain SIP',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or this machine's clock is wrong",
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it has signed its certificate itself; name its file as tls-ca if you trust it',
  ERR_SSL_WRONG_VERSION_NUMBER: 'that port speaks something else than TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'that port speaks something else than TLS',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it knows only versions of TLS that are unsafe today',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it does not take the versions of TLS that we have (1.2 and 1.3)',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate from us, too',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'it knows nobody of that name',
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: 'it knows nobody of that name',
}

const UNKNOWN_AUTHORITY = 'nobody that we trust has signed its certificate; name the file of its authority as tls-ca'

/** Why a connection could not be made or was lost, in words that follow `cannot reach HOST: `. */
export function connectionProblem(error: unknown): string {
  const code = systemCode(error)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(error)
  if (code !== null && /^(UNABLE_TO_|SELF_SIGNED_CERT_IN_CHAIN|CERT_UNTRUSTED|INVALID_CA)/.test(code))
    return UNKNOWN_AUTHORITY
  if (code !== null && /HANDSHAKE_FAILURE/.test(code)) return 'it found nothing in common with us to encrypt by'
  if (code !== null && PROBLEMS[code] !== undefined) return PROBLEMS[code]
  return error instanceof Error ? error.message : String(error)
}

function wrongName(error: unknown): string {
  const names = error instanceof Error && 'cert' in error ? namesOf(error.cert) : ''
  return `its certificate is for another name${names === '' ? '' : ` (${names})`}`
}

// Whatever it writes goes before an admin's eyes: no more than is needed, and nothing that moves a cursor.
function namesOf(certificate: unknown): string {
  if (typeof certificate !== 'object' || certificate === null || !('subjectaltname' in certificate)) return ''
  const names = String(certificate.subjectaltname ?? '').replace(/(DNS|IP Address|URI):/g, '')
  return names.replace(/[^\x20-\x7e]/g, '?').slice(0, 120)
}
