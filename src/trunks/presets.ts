import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { isIP } from '../platform/address.ts'
import type { TrunkEntry, TrunkSettings } from './trunk.ts'

/** What we know of a provider: a file of config/trunks, whose first one, generic.yaml, says what its fields mean. */
export interface Preset {
  /** As `--preset` names it. */
  readonly name: string
  /** As people call the provider. */
  readonly title: string
  /** What the trunk's host must look like, `*` for one or more labels; empty: anything. */
  readonly hosts: readonly string[]
  /** The host where nobody names another; null: there is none. */
  readonly usualHost: string | null
  readonly example: string
  readonly needs: readonly ('username' | 'password')[]
  readonly register: 'yes' | 'no' | 'with-username' | 'never'
  readonly settings: PresetSettings
  /** Where the facts are from: addresses of pages. */
  readonly sources: readonly string[]
  /** Those that nobody has tried with the provider, each half a sentence. */
  readonly unverified: readonly string[]
}

/** What a preset fills in. */
export type PresetSettings = Pick<TrunkSettings, (typeof FILLED)[number]>

const FILLED = [
  ...(['transport', 'callerIdHeader', 'fromAccount', 'domain', 'diversion', 'numberFormat', 'userPhone'] as const),
  ...(['calledNumberIn', 'callerIn', 'allowIp', 'codecs', 'dtmf', 'ptime', 'sessionTimers'] as const),
  ...(['qualifyEvery', 'expires'] as const),
] as const

/** Where the package has them. */
const DIRECTORY = fileURLToPath(new URL('../../config/trunks/', import.meta.url))

let known: ReadonlyMap<string, Preset> | null = null

/** All presets by name, read when first asked for. Throws if a file of the package is missing or wrong. */
export function presets(): ReadonlyMap<string, Preset> {
  known ??= new Map(
    readdirSync(DIRECTORY)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => {
        const name = file.slice(0, -'.yaml'.length)
        return [name, readPreset(name, readFileSync(`${DIRECTORY}${file}`, 'utf8'))]
      }),
  )
  return known
}

/** Reads the text of a preset. Throws a TypeError that names what is wrong in it. */
export function readPreset(name: string, text: string): Preset {
  const read = schema.safeParse(parse(text))
  if (!read.success) throw new TypeError(`config/trunks/${name}.yaml: ${z.prettifyError(read.error)}`)
  const { title, hosts, example, needs, register, sources, unverified, ...written } = read.data
  return {
    ...{ name, title, hosts, example, needs, register, sources, unverified },
    usualHost: written['usual-host'],
    settings: {
      transport: written.transport,
      callerIdHeader: written['caller-id-header'],
      fromAccount: written['from-account'],
      domain: written.domain,
      diversion: written.diversion,
      numberFormat: written['number-format'],
      userPhone: written['user-phone'],
      calledNumberIn: written['called-number-in'],
      callerIn: written['caller-in'],
      allowIp: written['allow-ip'],
      codecs: written.codecs,
      dtmf: written.dtmf,
      ptime: written.ptime,
      sessionTimers: written['session-timers'],
      qualifyEvery: written['qualify-every'],
      expires: written.expires,
    },
  }
}

const words = z.array(z.string().min(1))
const seconds = z.int().min(5).max(86_400)

const schema = z.strictObject({
  title: z.string().min(1),
  hosts: words,
  'usual-host': z.string().nullable(),
  example: z.string(),
  needs: z.array(z.enum(['username', 'password'])),
  register: z.enum(['yes', 'no', 'with-username', 'never']),
  transport: z.enum(['udp', 'tcp', 'tls']),
  'caller-id-header': z.enum(['pai', 'ppi', 'rpid', 'from']),
  'from-account': z.boolean(),
  domain: z.string().nullable(),
  diversion: z.enum(['diversion', 'history-info', 'none']),
  'number-format': z.enum(['e164', 'plain', 'national', 'raw']),
  'user-phone': z.boolean(),
  'called-number-in': z.enum(['request-uri', 'to', 'p-called-party-id']),
  'caller-in': z.array(z.enum(['pai', 'rpid', 'from'])).min(1),
  'allow-ip': words,
  codecs: words.nullable(),
  dtmf: z.enum(['events', 'info', 'inband']),
  ptime: z.int().min(10).max(60).nullable(),
  'session-timers': z.boolean(),
  'qualify-every': seconds.nullable(),
  expires: seconds,
  sources: words,
  unverified: words,
})

/** A trunk as it works: what the admin has said of it, and of its preset what the admin has not. */
export function effectiveTrunk(entry: TrunkEntry, preset: Preset): TrunkSettings {
  const { settings } = preset
  return {
    ...entry,
    ...settings,
    transport: entry.transport ?? settings.transport,
    register: entry.register ?? registers(entry, preset),
    allowIp: [...new Set([...settings.allowIp, ...entry.allowIp])],
    callerIdHeader: entry.callerIdHeader ?? settings.callerIdHeader,
    numberFormat: entry.numberFormat ?? settings.numberFormat,
    codecs: entry.codecs ?? settings.codecs,
    dtmf: entry.dtmf ?? settings.dtmf,
    ptime: entry.ptime ?? settings.ptime,
    sessionTimers: entry.sessionTimers ?? settings.sessionTimers,
  }
}

function registers(entry: TrunkEntry, { register }: Preset): boolean {
  return register === 'yes' || (register === 'with-username' && entry.username !== null)
}

/** What keeps the preset from working with what the admin has said, as a sentence with its mend; null: nothing. */
export function checkTrunk(entry: TrunkEntry, preset: Preset): string | null {
  const { title, example, hosts, needs } = preset
  const host = entry.host.toLowerCase()
  if (host.includes(':') && !isIP(host)) return `${entry.host} is no address; a port is given with --port`
  if (hosts.length > 0 && !isStandIn(host) && !hosts.some((pattern) => matches(pattern, host)))
    return `${entry.host} is no host of ${title}; write one like ${example}, or take --preset generic`
  for (const need of needs) if (entry[need] === null) return `${title} needs a ${need}: give it with --${need}`
  if (preset.register === 'never' && entry.register)
    return `${title} knows no registrations: leave out --register; it sends calls to our address`
  return credentialProblem(entry, preset)
}

function credentialProblem(entry: TrunkEntry, preset: Preset): string | null {
  if (entry.username === null && entry.password !== null)
    return 'a password is nothing without a username: add --username'
  if (!(entry.register ?? registers(entry, preset))) return null
  if (entry.username === null) return 'a trunk that registers needs an account: add --username and --password'
  return entry.password === null ? 'a trunk that registers needs a password: add --password' : null
}

/** Names that no provider can have (RFC 2606 §2) and bare addresses: somebody's own gateway, or a test. */
function isStandIn(host: string): boolean {
  return isIP(host) || /(^|\.)(test|example|invalid|localhost)$/.test(host)
}

function matches(pattern: string, host: string): boolean {
  const escaped = pattern.replaceAll('.', '\\.').replaceAll('*', '[a-z0-9-]+(?:\\.[a-z0-9-]+)*')
  return new RegExp(`^${escaped}$`).test(host)
}
