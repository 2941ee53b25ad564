import { z } from 'zod'
import type { AcmeOptions } from './certificates/acmeOptions.ts'
import { OffhookError } from './errors.ts'
import { hostName, list, whole } from './settingKinds.ts'

/** Let's Encrypt's, RFC 8555 §7.1.1. */
const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'

const nameMend = 'write a public host name, as in pbx.example.com'
const name = z
  .string({ error: nameMend })
  .toLowerCase()
  .refine((text) => /[a-z]/.test(text) && text.includes('.') && hostName.test(text.replace(/^\*\./, '')), {
    error: nameMend,
  })

const emailMend = 'write a mail address, as in admin@example.com'
const urlMend = 'write the https address of a directory, as in https://acme-v02.api.letsencrypt.org/directory'
const hookMend = 'write the path of a program, as in /etc/offhook/dns-hook'
const agreeMend = 'write true once you have read the terms of service of the certificate authority'

/** How a public certificate is got, RFC 8555. */
export const acmeSettings = {
  'acme-name': list(name, 'write host names, as in [pbx.example.com]').optional(),
  'acme-email': z.email({ error: emailMend }).nullish(),
  'acme-directory': z.url({ protocol: /^https$/, error: urlMend }).optional(),
  'acme-http-port': whole(1, 65535, 'write a port from 1 to 65535').optional(),
  'acme-dns-hook': z.string({ error: hookMend }).min(1, { error: hookMend }).nullish(),
  'acme-agree-terms': z.boolean({ error: agreeMend }).optional(),
}

const schema = z.object(acmeSettings)

/** null: no public certificate is wanted. Throws CONFIG_INVALID where settings do not go together. */
export function acmeOptions(settings: z.output<typeof schema>): AcmeOptions | null {
  const names = (settings['acme-name'] ?? []).map((each) => each.replace(/\.$/, ''))
  if (names.length === 0) return null
  const directory = settings['acme-directory'] ?? LETS_ENCRYPT
  if (settings['acme-agree-terms'] !== true) {
    throw invalid(
      `acme-name needs the terms of service of ${directory} to be agreed to; read them and set acme-agree-terms: true`,
    )
  }
  const dnsHook = settings['acme-dns-hook'] ?? null
  const wildcard = names.find((each) => each.startsWith('*.'))
  if (wildcard !== undefined && dnsHook === null) {
    throw invalid(`acme-name ${wildcard} can be proven by DNS alone; set acme-dns-hook, or name each host`)
  }
  return {
    names,
    email: settings['acme-email'] ?? null,
    directory,
    httpPort: settings['acme-http-port'] ?? 80,
    dnsHook,
  }
}

function invalid(message: string): OffhookError {
  return new OffhookError('CONFIG_INVALID', message)
}
