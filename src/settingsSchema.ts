import { z } from 'zod'
import { acmeSettings } from './acmeSettings.ts'
import { outwardSettings } from './outwardSettings.ts'
import { isIP } from './platform/address.ts'
import type { LogLevel } from './platform/log.ts'
import { hostName, list, whole } from './settingKinds.ts'
import { turnSettings } from './turnSettings.ts'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const satisfies readonly LogLevel[]

const address = z.string({ error: 'write an IP address' }).refine(isIP, { error: 'write an IP address' })

const portRange = z
  .string({ error: 'write a range of ports, as in 10000-29999' })
  .regex(/^\d{1,5}-\d{1,5}$/, { error: 'write a range of ports, as in 10000-29999' })
  .transform((text) => {
    const [from = 0, to = 0] = text.split('-').map(Number)
    return { from, to }
  })
  .refine(({ from, to }) => from >= 1024 && to <= 65535 && to > from, {
    error: 'write a range between 1024 and 65535 with room for at least one pair of ports, as in 10000-29999',
  })

const cidr = z
  .string({ error: 'write a subnet, as in 192.168.0.0/16' })
  .refine((text) => z.cidrv4().safeParse(text).success || z.cidrv6().safeParse(text).success, {
    error: 'write a subnet, as in 192.168.0.0/16',
  })

const externalMend = 'write an IP address, a host name, or auto'
const external = z
  .string({ error: externalMend })
  .toLowerCase()
  .refine((text) => isIP(text) || (hostName.test(text) && !/^[\d.]+$/.test(text)), { error: externalMend })

const domain = z
  .string({ error: 'write a host name or an IP address' })
  .toLowerCase()
  .refine((text) => isIP(text) || hostName.test(text), { error: 'write a host name or an IP address' })

const webPortMend = 'write a port from 1 to 65535, 0 for any that is free, or off'
const webPort = z.preprocess(
  (value) => (value === 'off' || value === false ? null : value),
  whole(0, 65535, webPortMend).nullable(),
)

const countryMend = 'write a country as in DE (ISO 3166-1)'
const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
const country = z.string({ error: countryMend }).toUpperCase().refine(isCountry, { error: countryMend })

// Of codes that are gone or only look right it knows another name, or none.
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || code === 'ZZ') return false
  return countries.of(code) !== undefined && new Intl.Locale(`und-${code}`).region === code
}

const file = z.string({ error: 'write the path of a file' }).min(1, { error: 'write the path of a file' })

const originMend = 'write origins, as in [https://phones.example.com]'
const origin = z
  .string({ error: originMend })
  .refine((text) => URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text.toLowerCase(), {
    error: originMend,
  })

const algorithm = z.enum(['MD5', 'SHA-256'], { error: 'write MD5 or SHA-256' })
const seconds = (mend: string) => whole(60, 7 * 24 * 3600, mend)

const expires = z
  .strictObject(
    {
      min: seconds('write seconds, at least 60').default(60),
      default: seconds('write seconds, at least 60').default(3600),
      max: seconds('write seconds, at least 60').default(7200),
    },
    { error: 'write min, default and max, in seconds' },
  )
  .refine((e) => e.min <= e.default && e.default <= e.max, {
    error: 'min must not be above default, nor default above max',
  })

/** Each setting of `offhook.yaml`, and of the flag of the same name. The message is what to write instead. */
export const settingsSchema = z.strictObject({
  host: address.nullish(),
  'sip-port': whole(0, 65535, 'write a port from 1 to 65535, or 0 for any that is free').optional(),
  'https-port': webPort.optional(),
  cert: file.nullish(),
  key: file.nullish(),
  'allowed-origins': list(origin, originMend).optional(),
  'rtp-ports': portRange.optional(),
  'webrtc-ports': portRange.optional(),
  'local-net': list(cidr, 'write subnets, as in [192.168.0.0/16]').nullish(),
  'external-ip': external.nullish(),
  'media-threads': whole(1, 256, 'write a number of threads, from 1 to 256').optional(),
  'log-level': z.enum(logLevels, { error: `write one of ${logLevels.join(', ')}` }).optional(),
  domains: list(domain, 'write host names, as in [pbx.example.com]').optional(),
  digest: list(algorithm, 'write MD5, SHA-256, or both in a list')
    .refine((names) => names.length > 0 && new Set(names).size === names.length, { error: 'name each algorithm once' })
    .optional(),
  'no-answer': whole(5, 3600, 'write seconds, from 5 to 3600').optional(),
  expires: expires.optional(),
  'stun-port': whole(0, 65535, 'write a port from 1 to 65535, or 0 for any that is free').optional(),
  country: country.nullish(),
  ...acmeSettings,
  ...turnSettings,
  ...outwardSettings,
})

export const settingNames: readonly string[] = [
  ...Object.keys(settingsSchema.shape),
  ...Object.keys(expires.shape).map((name) => `expires.${name}`),
]

/** Settings whose values are shown to nobody. */
export const secretSettings: ReadonlySet<string> = new Set(['turn-secret'])
