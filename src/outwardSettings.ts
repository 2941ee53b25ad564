import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { OffhookError } from './errors.ts'
import { isIP } from './platform/address.ts'
import { systemCode } from './platform/systemError.ts'
import { list } from './settingKinds.ts'

const serverMend = 'write the address of a name server, as in 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53'
const server = z.string({ error: serverMend }).refine(isServer, { error: serverMend })

const fileMend = 'write the path of a file'

/** How we find others, and whom we believe. */
export const outwardSettings = {
  'dns-servers': list(server, 'write addresses of name servers, as in [192.0.2.53]').nullish(),
  'tls-ca': z.string({ error: fileMend }).min(1, { error: fileMend }).nullish(),
}

const schema = z.object(outwardSettings)

/** Throws CONFIG_INVALID where the file of `tls-ca` cannot be used. */
export function outwardOptions(settings: z.output<typeof schema>) {
  const file = settings['tls-ca'] ?? null
  return { dnsServers: settings['dns-servers'] ?? [], tlsAuthorities: file === null ? null : readAuthorities(file) }
}

function isServer(text: string): boolean {
  if (isIP(text)) return true
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  return isIP(v6 ?? v4 ?? '') && Number(port) >= 1 && Number(port) <= 65535
}

function readAuthorities(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw invalid(`cannot read the tls-ca ${file} (${systemCode(cause)}); make it, or name another`)
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (certificates.length > 0 && certificates.every(isCertificate)) return text
  throw invalid(`the tls-ca ${file} holds no certificates that can be read; put those of the authorities there, in PEM`)
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== null
  } catch {
    return false
  }
}

function invalid(message: string): OffhookError {
  return new OffhookError('CONFIG_INVALID', message)
}
