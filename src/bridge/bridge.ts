import type { Attempt, Cause, RouteQuery, Usage } from '../dialplan/decision.ts'
import type { MediaEngine } from '../media/engine.ts'
import type { Clock, Millis } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Random } from '../platform/random.ts'
import type { Repertoire } from '../sdp/repertoire.ts'
import type { OutgoingInviteOptions } from '../sip/dialog/outgoingInvite.ts'
import type { UserAgent } from '../sip/dialog/userAgent.ts'
import type { NameAddr } from '../sip/message/fields.ts'
import type { Uri } from '../sip/message/uri.ts'
import type { Flow } from '../sip/transport/flow.ts'
import type { Call } from './call.ts'
import type { MediaWay } from './callRecord.ts'
import type { CallTable } from './callTable.ts'

/** Something that can be called: a phone of a user, or a way into the phone network. */
export type Device = Phone | Line

/** The way to it. */
interface Reachable {
  /** Whose it is: a user's name, or `trunk:NAME` and `sip:SOMEBODY`, which no user can be called. */
  readonly user: string
  readonly userAgent: string | null
  /** The way to it that is open now; null for one whose connection is gone or yet to be made. */
  readonly flow: Flow | null
  /** Opens a new way. Rejects if there is none. */
  connect(): Promise<Flow>
  /** Whether its host says that nobody is there. */
  hasVanished(): Promise<boolean>
}

/** One phone of a user that can be called. */
export interface Phone extends Reachable {
  readonly kind: 'phone'
  /** What is the same over all its flows, and in all its registrations; null: it does not say. */
  readonly instance: string | null
  /** Its registered Contact, exactly. */
  readonly contact: Uri
  /** The host by which it knows us. */
  readonly domain: string
  /** Its Path: the proxies before it, the next to us first (RFC 3327). */
  readonly route: readonly NameAddr[]
  /** The same phone over its next flow, for when this one fails (RFC 5626 §7); null: there is none. */
  readonly next: Phone | null
}

/** One server that takes a call to somewhere else: made for one call. */
export interface Line extends Reachable {
  readonly kind: 'line'
  /** What the INVITE to it says, over `flow`. */
  invite(flow: Flow): LineInvite
  /** It took the call, or refused it in a way that has nothing to do with who was called. */
  outcome(reached: boolean): void
  /** The next server of the same (RFC 3263 §4.3); null: there is none. */
  readonly next: Line | null
}

/** How a line is asked. Header values are octets. */
export type LineInvite = Pick<
  OutgoingInviteOptions,
  'uri' | 'route' | 'from' | 'to' | 'contactUser' | 'headers' | 'sessionTimer' | 'proof'
>

/** What a GRUU leads to (RFC 5627): the phone that it names, offline if there is no device. */
export interface Gruu {
  readonly user: string
  readonly devices: readonly Phone[]
}

/** An attempt that leaves the house. */
export type LineAttempt = Extract<Attempt, { readonly action: 'dial' | 'sip' }>

/** Counts what calls use, for the dial plan. */
export interface UsageMeter extends Usage {
  /**
   * A call uses these subjects (`user:101`, `trunk:NAME`, `number:+1555…`) from now on, until the function returned is called;
   * `daily`: it counts for the caps of the day, as calls to the phone network do.
   */
  take(call: Call, subjects: readonly string[], daily: boolean): () => void
  /** These users talk from now on, until the function returned is called: whoever talks is not idle. */
  talk(users: readonly string[]): () => void
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
  /** Asks the dial plan where a call goes. */
  route(query: RouteQuery): Attempt
  /** Asks it where a call goes that `attempt` did not take; null: nowhere. */
  goOn(attempt: Attempt, cause: Cause, query: RouteQuery): Attempt | null
  /** What is used of what the plan caps. */
  readonly usage: UsageMeter
  /**
   * The way into the phone network that an attempt names; null where it is down or full. No trunk is full to an emergency call,
   * and none is down where it is the last resort. `cause`: why the call was sent on to it; null: it was not, or whoever sends it
   * on does so always.
   */
  line(
    attempt: LineAttempt,
    call: Call,
    how: { readonly cause: Cause | null; readonly lastResort: boolean },
  ): Line | null
  /** Of the caps on a call that goes out those that are nearly used up, in words. */
  nearCaps(attempt: LineAttempt): readonly string[]
  /** How long a call may last by the caps of the day, ms; null: as long as it wants. */
  timeLeft(attempt: LineAttempt): Millis | null
  /** Whether this host, as a URI names it, is us. */
  isOurs(host: string): boolean
  /** The user's phones, the preferred first. */
  devices(user: string): readonly Phone[]
  /** The same phone once it has registered anew; null if it has not within `span`. */
  whenBack(phone: Phone, span: Millis): Promise<Phone | null>
  /** What `uri` leads to; null if it is no GRUU, `unknown` if it is none of ours. */
  gruu(uri: Uri): Gruu | 'unknown' | null
  /** Which codecs the legs of a user, or of a `trunk:NAME`, speak, and what we can make of those of others. */
  repertoire(user: string, isBrowser: boolean): Repertoire
  /** How somebody presses keys and is told them, where that is known before it does; null: it is not. */
  keys(user: string): 'info' | null
  /** Whether legs of this `trunk:NAME` are SRTP and nothing else; of users none need be. */
  needsSrtp(user: string): boolean
  /** Which way the media of the user's browsers may go. */
  media(user: string): MediaWay
  /** Where else than at `local`, where its signalling comes, a WebRTC phone may reach us. */
  otherAddresses(local: string): readonly string[]
  /** The person's name, UTF-8; null if it has none. */
  displayName(user: string): string | null
}
