import type { Cause } from '../dialplan/decision.ts'
import type { Millis } from '../platform/clock.ts'
import type { Cause as ReasonCause } from '../sip/message/reason.ts'
import { fromUtf8 } from '../sip/message/text.ts'

/** One thing that happened in a call. `at`: ms since the call came in. */
export type CallEvent = { readonly at: Millis } & Happening

/**
 * What can happen in a call. A `phone` is one that was rung, numbered from 1 in the order in which they were; 0 is the
 * caller's.
 */
type Happening =
  /**
   * The dial plan was asked, as if `as` had dialled. `to`: `user:102`, `trunk:twilio`, `sip:bob@example.com`, `app:echo`,
   * `reject:404`, or `denied:` and what forbids it.
   */
  | {
      readonly type: 'routed'
      readonly as: string
      readonly dialled: string
      readonly rule: string
      readonly to: readonly string[]
    }
  /** Nobody took the call there, and the plan has it go on. */
  | { readonly type: 'went-on'; readonly cause: Cause; readonly rule: string; readonly to: readonly string[] }
  /** A cap is nearly reached, in the plan's words. */
  | { readonly type: 'cap-near'; readonly cap: string }
  | {
      readonly type: 'called'
      readonly phone: number
      readonly user: string
      readonly remote: string
      readonly userAgent: string | null
    }
  /** A phone of the user that could not even be asked: no way to it, or nothing it could be offered. */
  | { readonly type: 'unreachable'; readonly user: string; readonly why: 'connection' | 'codecs' }
  | { readonly type: 'ringing'; readonly phone: number; readonly status: number }
  /** It lets the caller hear something before it answers. */
  | { readonly type: 'early-media'; readonly phone: number }
  /** No sign of life. */
  | { readonly type: 'silent'; readonly phone: number }
  /** `phrase`: the phone's own words where they are not the usual ones. */
  | { readonly type: 'refused'; readonly phone: number; readonly status: number; readonly phrase: string | null }
  /** It pointed elsewhere. `to`: the users that are rung instead; `refused`: the Contacts that were not followed. */
  | {
      readonly type: 'redirected'
      readonly phone: number
      readonly to: readonly string[]
      readonly refused: readonly RefusedContact[]
    }
  /** Its ringing was stopped. */
  | { readonly type: 'stopped'; readonly phone: number }
  /** `phone` is null where the server itself answers. */
  | { readonly type: 'answered'; readonly phone: number | null }
  /** A party changed its media; `status`: the refusal where it was not let. */
  | {
      readonly type: 'media'
      readonly by: 'caller' | 'callee'
      readonly change: MediaChange
      readonly status: number | null
    }
  /** More happened than is kept. */
  | { readonly type: 'omitted'; readonly count: number }
  | {
      readonly type: 'ended'
      readonly by: EndedBy
      readonly status: number
      readonly reason: string
      readonly causes: readonly ReasonCause[]
    }

/** Who ended a call. */
export type EndedBy = 'caller' | 'callee' | 'server' | 'admin'

export type MediaChange = 'held' | 'resumed' | 'renewed'

export interface RefusedContact {
  readonly contact: string
  /** Another host's; no number of ours; its users were rung before; one too many; for an app. */
  readonly why: 'foreign' | 'unknown' | 'tried' | 'limit' | 'app'
}

/** Characters that a record keeps of what a phone says about itself. */
const LONGEST_WORDS = 64

/** Words of a phone (octets) as a record keeps them. */
export function wordsOf(octets: string): string {
  return fromUtf8(octets)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, LONGEST_WORDS)
}
