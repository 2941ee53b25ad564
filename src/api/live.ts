import type { CallEvent } from '../bridge/callEvent.ts'
import type { CallRecord, LegRecord } from '../bridge/callRecord.ts'
import type { Usage } from '../dialplan/decision.ts'
import type { Millis } from '../platform/clock.ts'
import type { Endpoint } from '../platform/network.ts'
import type { Binding } from '../sip/registrar/bindingStore.ts'
import type { TrunkState } from '../trunks/trunk.ts'
import type { PhoneNetwork } from './plan/network.ts'

/** What only a running server knows: implemented by the composition root, null where no server runs. */
export interface Live {
  status(): LiveStatus
  /** Registered phones, of one user or of all. */
  devices(user: string | null): readonly Device[]
  calls(): readonly ActiveCall[]
  call(id: string): Promise<ActiveCallDetail | null>
  /** Ends the call as an admin's wish; false: there is no such call. */
  hangUp(id: string): Promise<boolean>
  /** The user was set or removed: whatever is kept of it in memory (registrations of a removed one) is out of date. */
  userChanged(name: string): void
  /** Trunks, schedules, numbers or rules were changed: calls from now on go by `network`. It can be as it is. */
  planChanged(network: PhoneNetwork): void
  /** In the admin's order. */
  trunks(): readonly TrunkState[]
  /** Tries a trunk that there is, step by step, as each is done. `call`: a number that is called until it rings; null: none. */
  testTrunk(name: string, call: string | null): AsyncIterable<TestStep>
  /** What is used of what is capped, now. */
  usage(): Usage
}

/** One step of a trunk's test. */
export interface TestStep {
  /** As in `resolves`. */
  readonly step: string
  /** null: it was left out. */
  readonly ok: boolean | null
  /** What was found, and what to do about it. */
  readonly says: string
}

export interface LiveStatus {
  /** Seconds since the server was ready. */
  readonly uptime: number
  readonly listeners: readonly Listener[]
  /** The HTTPS port; null: there is none. */
  readonly https: LiveHttps | null
  /** Names, besides our addresses, by which phones may call us. */
  readonly domains: readonly string[]
  /** Calls up now, and all since the start. */
  readonly calls: { readonly active: number; readonly total: number }
  readonly registrations: number
  /** What SIP holds now: it goes back to none some 32 s after the last message. */
  readonly signalling: { readonly transactions: number; readonly dialogs: number; readonly connections: number }
  readonly media: {
    readonly threads: number
    readonly legs: number
    readonly portsInUse: number
    /** Those that can be turned into each other, as `name/clockRate/channels`. */
    readonly codecs: readonly string[]
    /** How late sound was made, where it is not merely passed on, since the start. */
    readonly late: LiveLateness
  }
  /** Messages and connections that could not be used, since the start. */
  readonly dropped: {
    readonly malformed: number
    readonly ignored: number
    readonly refused: number
    readonly failed: number
  }
  /** Addresses that are not heard for now: they guessed passwords. */
  readonly ignoring: readonly string[]
  /** Of the whole process since its start, seconds. */
  readonly cpu: { readonly user: number; readonly system: number }
  readonly memory: { /** Octets. */ readonly rss: number }
  /** How late the signalling thread's event loop was in the last minute, 99th percentile. */
  readonly eventLoop: { readonly p99: Millis }
}

export interface LiveHttps {
  /** Open connections, pages' and phones'. */
  readonly connections: number
  /** When the certificate in use ends, ISO 8601. */
  readonly certificateUntil: string
  /** The SHA-256 fingerprint of our own authority, hex with colons; null: the certificate is somebody else's. */
  readonly authority: string | null
}

/** The turns in which sound is made, some 200 a second and thread while there is any. */
export interface LiveLateness {
  readonly turns: number
  /** 99 of 100 came at most so late. */
  readonly p99: Millis
  readonly worst: Millis
  /** How many came later than the bucket before and at most `upTo` late (null: later than all); those of two times differ. */
  readonly buckets: readonly { readonly upTo: Millis | null; readonly turns: number }[]
}

export interface Listener {
  readonly protocol: Binding['protocol'] | 'https' | 'stun'
  readonly address: string
  readonly port: number
}

/** One registration. Times are wall-clock ms since 1970. */
export interface Device {
  readonly user: string
  readonly contact: string
  readonly source: Endpoint
  readonly transport: Binding['protocol']
  readonly userAgent: string | null
  readonly domain: string
  readonly registeredAt: number
  readonly expiresAt: number
  /** Of the last OPTIONS; null: none was answered yet. */
  readonly roundTrip: Millis | null
}

/** A call that has not ended. */
export interface ActiveCall
  extends Pick<CallRecord, 'id' | 'startedAt' | 'answeredAt' | 'from' | 'fromName' | 'to' | 'answeredBy'> {
  readonly state: 'ringing' | 'up' | 'held'
  /** Each user who has a part in it: the caller, whoever is rung or has answered. */
  readonly parties: readonly string[]
}

export interface ActiveCallDetail extends ActiveCall {
  readonly legs: readonly LegRecord[]
  readonly events: readonly CallEvent[]
}
