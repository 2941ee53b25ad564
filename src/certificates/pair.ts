import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Certificate } from './certificate.ts'

/** Whether a chain can be read, and the key is that of its first certificate. */
export function fits(pair: Certificate): boolean {
  return misfit(pair) === null
}

/** Why a pair cannot be used, in words that follow "the certificate"; null: it can. */
export function misfit({ chain, key }: Certificate): string | null {
  try {
    const [first] = certificatesIn(chain)
    if (first === undefined) return 'is no PEM: it begins with -----BEGIN CERTIFICATE-----'
    return first.checkPrivateKey(createPrivateKey(key)) ? null : 'does not belong to the key'
  } catch (error) {
    return `or its key cannot be read (${error instanceof Error ? error.message : String(error)})`
  }
}

/** The certificates in a PEM text, in its order. Throws if one cannot be read. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}
