import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parse, YAMLParseError } from 'yaml'
import type { z } from 'zod'
import { acmeOptions } from './acmeSettings.ts'
import type { AcmeOptions } from './certificates/acmeOptions.ts'
import { closest } from './closest.ts'
import { type ErrorCode, OffhookError } from './errors.ts'
import type { TurnOptions } from './http/turnCredentials.ts'
import { outwardOptions } from './outwardSettings.ts'
import type { LogLevel } from './platform/log.ts'
import { systemCode } from './platform/systemError.ts'
import { secretSettings, settingNames, settingsSchema } from './settingsSchema.ts'
import type { DigestAlgorithm } from './sip/auth/credentials.ts'
import { turnOptions } from './turnSettings.ts'

/** What a process needs to start. All else lives in the database. */
export interface ServerOptions {
  /** The address to listen on; null: every interface. */
  readonly host: string | null
  /** 0: any free port. */
  readonly sipPort: number
  /** 0: any free port; null: no HTTPS, and so no browser's phone. */
  readonly httpsPort: number | null
  /** The files of a certificate that the admin brings, PEM; null: one of our own authority's. */
  readonly certificate: { readonly chain: string; readonly key: string } | null
  /** Origins, besides our own, whose pages may connect. */
  readonly allowedOrigins: readonly string[]
  /** Inclusive. */
  readonly rtpPorts: { readonly from: number; readonly to: number }
  /** For browsers' audio, one port a call; inclusive, and none of them in `rtpPorts`. */
  readonly webrtcPorts: { readonly from: number; readonly to: number }
  /** Peers in these subnets are told our local address; null: the private ranges and our own subnets. */
  readonly localNets: readonly string[] | null
  /** What peers elsewhere are told: an address, a host name, `auto` (ask the network), null: the local address. */
  readonly externalIp: string | null
  readonly mediaThreads: number
  readonly logLevel: LogLevel
  /** Names, besides our addresses, by which phones may call us; lower case. */
  readonly domains: readonly string[]
  /** The order of challenges for users without one of their own. */
  readonly digest: readonly DigestAlgorithm[]
  /** Seconds that a call may ring. */
  readonly noAnswer: number
  /** Seconds that a registration lasts: what is asked for is kept within min and max. */
  readonly expires: { readonly min: number; readonly default: number; readonly max: number }
  /** Where browsers ask for their address; null: beside the SIP port; 0: any free port. */
  readonly stunPort: number | null
  /** Where we are, ISO 3166-1 alpha-2, upper case: numbers are read as they are dialled there; null: only with their plus. */
  readonly country: string | null
  /** How a public certificate is got; null: none is. */
  readonly acme: AcmeOptions | null
  /** The TURN server that browsers are told of; null: there is none. */
  readonly turn: TurnOptions | null
  /** Name servers, `address` or `address:port`; none: those of the system. */
  readonly dnsServers: readonly string[]
  /** Authorities whose certificates we take from trunks besides those that all trust, PEM; null: none. */
  readonly tlsAuthorities: string | null
}

/** Settings as they stand in a file or came as flags, by their names there (`sip-port`). Flags are all text. */
export type RawSettings = Readonly<Record<string, unknown>>

type Settings = z.output<typeof settingsSchema>

/**
 * The options of a server: flags before the file before the defaults. `file`: null, there is none. Throws
 * CONFIG_INVALID naming the file, the path in it and the mend; USAGE for a flag.
 */
export function loadOptions(file: string | null, flags: RawSettings, cores = availableParallelism()): ServerOptions {
  const fromFile = file === null ? {} : parseConfig(readConfig(file), file)
  return options({ ...fromFile, ...checkFlags(flags) }, cores)
}

/** Reads the text of `offhook.yaml`. `file` is its name in errors. */
export function parseConfig(text: string, file: string): Settings {
  const raw = parseYaml(text, file) ?? {}
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    throw invalid('CONFIG_INVALID', `${file}: a list of settings is expected, each as in "sip-port: 5060"`)
  }
  return check({ ...raw }, 'CONFIG_INVALID', (path) => `${file}: ${path}`)
}

function checkFlags(flags: RawSettings): Settings {
  return check(flags, 'USAGE', (path) => {
    const name = path.replace(/\..*/, '')
    return `--${FLAGS[name] ?? name}`
  })
}

/** Flags that are not called as their settings are. */
const FLAGS: Readonly<Record<string, string>> = { 'dns-servers': 'dns-server' }

function options(settings: Settings, cores: number): ServerOptions {
  return {
    host: settings.host ?? null,
    sipPort: settings['sip-port'] ?? 5060,
    httpsPort: settings['https-port'] === undefined ? 8443 : settings['https-port'],
    certificate: certificate(settings),
    allowedOrigins: settings['allowed-origins'] ?? [],
    ...mediaPorts(settings),
    localNets: settings['local-net'] ?? null,
    externalIp: settings['external-ip'] ?? null,
    mediaThreads: settings['media-threads'] ?? Math.max(1, cores - 1),
    logLevel: settings['log-level'] ?? 'info',
    domains: settings.domains ?? [],
    digest: settings.digest ?? ['MD5'],
    noAnswer: settings['no-answer'] ?? 60,
    expires: settings.expires ?? { min: 60, default: 3600, max: 7200 },
    stunPort: settings['stun-port'] ?? null,
    country: settings.country ?? null,
    acme: acmeOptions(settings),
    turn: turnOptions(settings),
    ...outwardOptions(settings),
  }
}

function mediaPorts(settings: Settings): Pick<ServerOptions, 'rtpPorts' | 'webrtcPorts'> {
  const rtpPorts = settings['rtp-ports'] ?? { from: 10000, to: 29999 }
  const webrtcPorts = settings['webrtc-ports'] ?? { from: 30000, to: 32767 }
  if (rtpPorts.from > webrtcPorts.to || webrtcPorts.from > rtpPorts.to) return { rtpPorts, webrtcPorts }
  const [rtp, webrtc] = [rtpPorts, webrtcPorts].map(({ from, to }) => `${from}-${to}`)
  throw invalid('CONFIG_INVALID', `rtp-ports ${rtp} and webrtc-ports ${webrtc} overlap; set one of them apart`)
}

function certificate({ cert, key }: Settings): ServerOptions['certificate'] {
  if (cert && key) return { chain: cert, key }
  if (!cert && !key) return null
  const [given, missing] = cert ? ['cert', 'key'] : ['key', 'cert']
  throw invalid(
    'CONFIG_INVALID',
    `${given} is set and ${missing} is not; name both files, of the certificate and its key`,
  )
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const mend = 'name another with --config, or make it from config/offhook.example.yaml'
    throw invalid('CONFIG_INVALID', `cannot read ${file} (${systemCode(cause)}); ${mend}`)
  }
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause
    const line = cause.linePos?.[0].line ?? 1
    const [problem] = cause.message.split(' at line ')
    throw invalid('CONFIG_INVALID', `${file}: line ${line} is not YAML: ${problem}`)
  }
}

function check(raw: RawSettings, code: ErrorCode, where: (path: string) => string): Settings {
  const result = settingsSchema.safeParse(raw)
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'unrecognized_keys') {
    const name = [...issue.path, issue.keys[0]].join('.')
    const meant = closest(name, settingNames)
    throw invalid(code, `${where(name)} is no setting; ${meant === null ? 'take it out' : `did you mean ${meant}?`}`)
  }
  const path = issue?.path ?? []
  const problem = secretSettings.has(String(path[0])) ? 'cannot be used' : `is ${show(valueAt(raw, path))}`
  throw invalid(code, `${where(path.join('.'))} ${problem}; ${issue?.message}`)
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    // A single item stands for a list of one.
    if (typeof value === 'string' && key === 0) return value
    const inside = typeof value === 'object' && value !== null
    return inside ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined
  }, raw)
}

function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function invalid(code: ErrorCode, message: string): OffhookError {
  return new OffhookError(code, message)
}
