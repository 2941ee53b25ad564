import type { RouteDecision, RouteQuery } from '../dialplan/route.ts'
import type { MediaEngine } from '../media/engine.ts'
import type { Clock, Millis } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Random } from '../platform/random.ts'
import type { Repertoire } from '../sdp/repertoire.ts'
import type { UserAgent } from '../sip/dialog/userAgent.ts'
import type { NameAddr } from '../sip/message/fields.ts'
import type { Uri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { MediaWay } from './callRecord.ts'
import type { CallTable } from './callTable.ts'

/** One phone of a user that can be called. */
export interface Device {
  readonly user: string
  /** What is the same over all its flows, and in all its registrations; null: it does not say. */
  readonly instance: string | null
  /** Its registered Contact, exactly. */
  readonly contact: Uri
  /** The host by which it knows us. */
  readonly domain: string
  readonly userAgent: string | null
  /** Its Path: the proxies before it, the next to us first (RFC 3327). */
  readonly route: readonly NameAddr[]
  /** The way to it that is open now; null for a phone whose connection is gone. */
  readonly flow: Flow | null
  /** Opens a new way. Rejects if there is none. */
  connect(): Promise<Flow>
  /** Whether its host says that nobody is there. */
  hasVanished(): Promise<boolean>
  /** The same phone over its next flow, for when this one fails (RFC 5626 §7); null: there is none. */
  readonly next: Device | null
}

/** What a GRUU leads to (RFC 5627): the phone that it names, offline if there is no device. */
export interface Gruu {
  readonly user: string
  readonly devices: readonly Device[]
}

/** All that the parts of a call need of the rest of the server. */
export interface Bridge {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly agent: UserAgent
  readonly engine: MediaEngine
  readonly calls: CallTable
  /** How long a call may ring. */
  readonly noAnswerAfter: Millis
  /** Asks the dial plan. */
  route(query: RouteQuery): RouteDecision
  /** Whether this host, as a URI names it, is us. */
  isOurs(host: string): boolean
  /** The user's phones, the preferred first. */
  devices(user: string): readonly Device[]
  /** The same phone once it has registered anew; null if it has not within `span`. */
  whenBack(device: Device, span: Millis): Promise<Device | null>
  /** What `uri` leads to; null if it is no GRUU, `unknown` if it is none of ours. */
  gruu(uri: Uri): Gruu | 'unknown' | null
  /** Which codecs the user's legs speak, and what we can make of those of others. */
  repertoire(user: string, isBrowser: boolean): Repertoire
  /** Which way the media of the user's browsers may go. */
  media(user: string): MediaWay
  /** Where else than at `local`, where its signalling comes, a WebRTC phone may reach us. */
  otherAddresses(local: string): readonly string[]
  /** The person's name, UTF-8; null if it has none. */
  displayName(user: string): string | null
}
