/** What an admin has said of a trunk; null: as its preset has it. */
export interface TrunkEntry {
  readonly name: string
  /** The name of a preset, as in `generic`. */
  readonly preset: string
  /** The provider's host name or address. */
  readonly host: string
  /** null: by SRV records, else 5060 (TLS: 5061). */
  readonly port: number | null
  /** Further servers, `host` or `host:port`, tried in order when those of `host` fail. */
  readonly servers: readonly string[]
  readonly transport: 'udp' | 'tcp' | 'tls' | null
  /** What we register and authenticate as, where the provider has passwords. */
  readonly username: string | null
  /** Plain: digests for a realm that is not known yet need it. Never shown. */
  readonly password: string | null
  readonly register: boolean | null
  /** Addresses, CIDR subnets and host names whose INVITEs are this trunk's, besides the addresses of `host`. */
  readonly allowIp: readonly string[]
  readonly callerIdHeader: CallerIdHeader | null
  /** The number that is shown where the caller has none, E.164. */
  readonly callerId: string | null
  readonly numberFormat: NumberFormat | null
  readonly maxCalls: number | null
  readonly callsPerSecond: number | null
  readonly codecs: readonly string[] | null
  readonly dtmf: 'events' | 'info' | 'inband' | null
  /** ms. */
  readonly ptime: number | null
  readonly sessionTimers: boolean | null
  /** Whether emergency calls may go out by it. */
  readonly emergency: boolean
  readonly srtp: boolean
}

/** Where the caller's number stands: P-Asserted-Identity, P-Preferred-Identity (RFC 3325), Remote-Party-ID, or From alone. */
export type CallerIdHeader = 'pai' | 'ppi' | 'rpid' | 'from'

/** How a provider wants numbers: `+4930…`, `4930…`, `030…`, or as dialled. */
export type NumberFormat = 'e164' | 'plain' | 'national' | 'raw'

/** All of a trunk, its preset filled in. */
export interface TrunkSettings
  extends Omit<TrunkEntry, 'transport' | 'register' | 'callerIdHeader' | 'numberFormat' | 'dtmf' | 'sessionTimers'> {
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly register: boolean
  readonly callerIdHeader: CallerIdHeader
  /** Whether From names the account that pays, whoever calls. */
  readonly fromAccount: boolean
  /** The host of From, To and the Request-URI; null: `host`. */
  readonly domain: string | null
  /** How calls that were sent on say by whom. */
  readonly diversion: 'diversion' | 'history-info' | 'none'
  readonly numberFormat: NumberFormat
  /** Whether URIs say `user=phone` of what is a number (RFC 3261 §19.1.1). */
  readonly userPhone: boolean
  /** Where an INVITE of the provider names the number that was called. */
  readonly calledNumberIn: 'request-uri' | 'to' | 'p-called-party-id'
  /** Where it names the caller, the first that is there. */
  readonly callerIn: readonly ('pai' | 'rpid' | 'from')[]
  readonly dtmf: 'events' | 'info' | 'inband'
  readonly sessionTimers: boolean
  /** How often OPTIONS asks whether it is up, seconds; null: never. */
  readonly qualifyEvery: number | null
  /** What a registration asks for, seconds. */
  readonly expires: number
}

/** How a trunk is doing. */
export interface TrunkState {
  readonly name: string
  readonly state: 'up' | 'down' | 'unknown'
  /** null: it does not register. */
  readonly registration: RegistrationState | null
  /** In words, where it is not well. */
  readonly problem: string | null
  /** Where its calls go first, as in `udp 203.0.113.5:5060`; null: not resolved. */
  readonly server: string | null
  readonly calls: number
  /** Of the last OPTIONS, ms. */
  readonly roundTrip: number | null
}

export type RegistrationState =
  | { readonly state: 'trying'; readonly problem: string | null }
  /** `until`: wall clock ms. */
  | { readonly state: 'registered'; readonly until: number; readonly server: string }
  /** `again`: wall clock ms of the next try. */
  | { readonly state: 'failed'; readonly problem: string; readonly again: number }
