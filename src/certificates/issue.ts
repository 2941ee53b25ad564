import { createPrivateKey, webcrypto } from 'node:crypto'
import type { Random } from '../platform/random.ts'
import type { Certificate } from './certificate.ts'
import { NAME_CONSTRAINTS, nameConstraints } from './nameConstraints.ts'
import type { CertificateNames } from './names.ts'

const DAY = 24 * 3600 * 1000
const AUTHORITY_DAYS = 3652
/** What Apple's systems take at most of a certificate for a server, where its authority was installed by hand. */
export const MOST_DAYS = 825
/** A clock that is a little behind ours must not find the certificate not yet valid. */
const BACKDATED = DAY

/** Curve and hash that every browser and system takes. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Makes an authority of our own, good for ten years from `now` (wall clock), that speaks for `dns` and what is below them.
 * `name` is what people see in their lists of authorities.
 */
export async function makeAuthority(
  name: string,
  dns: readonly string[],
  now: Date,
  random: Random,
): Promise<Certificate> {
  const x509 = await library()
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(random),
    name: [{ O: ['Offhook'] }, { CN: [name] }],
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      // Path length 0: it signs for servers, and makes no other authority.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(dns)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { chain: pemText(certificate.toString('pem')), key: await privateKey(keys.privateKey) }
}

/** A certificate for a server with these names from `authority`, good for `MOST_DAYS` from `now`, or as long as that is. */
export async function issue(
  authority: Certificate,
  names: CertificateNames,
  now: Date,
  random: Random,
): Promise<Certificate> {
  const x509 = await library()
  const issuer = new x509.X509Certificate(authority.chain)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const alternatives = [
    ...names.dns.map((value) => ({ type: 'dns' as const, value })),
    ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject: [{ CN: ['Offhook'] }],
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - BACKDATED),
    notAfter: new Date(Math.min(now.getTime() + (MOST_DAYS - 2) * DAY, issuer.notAfter.getTime())),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternatives),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { chain: pemText(certificate.toString('pem')), key: await privateKey(keys.privateKey) }
}

// Loaded only when there is something to sign: that is 0.15 s and 10 MB at a first start, and nothing at the next ones.
async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

// RFC 5280 §4.1.2.2: positive and not zero; 16 octets that nobody can guess.
function serialNumber(random: Random): string {
  const octets = Buffer.from(random.bytes(16))
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return octets.toString('hex')
}

async function privateKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString()
}

async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}

function pemText(pem: string): string {
  return `${pem.trim()}\n`
}
