import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/**
 * Whether a certificate is that of the SIP domain `name` (RFC 5922 §7): by a `sip:` URI in it, or by its DNS names and
 * addresses. Unlike §7.2, a wildcard counts: providers that are called `….pstn.example.com` have no other. Gives what is
 * wrong, undefined: nothing.
 */
export function identityProblem(name: string, certificate: PeerCertificate): Error | undefined {
  const wanted = name.toLowerCase().replace(/\.$/, '')
  if (sipDomains(certificate.subjectaltname ?? '').includes(wanted)) return undefined
  return checkServerIdentity(wanted, certificate)
}

// §7.1: a URI with a user part names a person, and no domain.
function sipDomains(alternativeNames: string): string[] {
  return [...alternativeNames.matchAll(/(?:^|, )URI:sips?:([^@,;"/:]+)(?=,|$)/gi)].map(([, host = '']) =>
    host.toLowerCase(),
  )
}
