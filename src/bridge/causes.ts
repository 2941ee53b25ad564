import { type Cause, formatCauses } from '../sip/message/reason.ts'
import { reasonPhrase } from '../sip/message/reasonPhrase.ts'
import type { Ending } from './call.ts'

/** Causes of ITU-T Q.850 that the tables below don't lead to. */
const NORMAL_CLEARING = 16
const NO_ANSWER = 19
const SUBSCRIBER_ABSENT = 20
const NON_SELECTED_USER = 26
const NORMAL_UNSPECIFIED = 31
const INTERWORKING = 127

/** RFC 3398 §8.2.6.1; 200 as in RFC 3326 §3.1: somebody else has answered. */
const q850BySip: ReadonlyMap<number, number> = new Map([
  [200, NON_SELECTED_USER],
  ...among(1, 404, 485, 604),
  ...among(17, 486, 600),
  ...among(18, 480),
  ...among(21, 401, 402, 403, 407, 603),
  ...among(22, 410),
  ...among(25, 482, 483),
  ...among(28, 484),
  ...among(NORMAL_UNSPECIFIED, 487, 488, 606),
  ...among(38, 502),
  ...among(41, 400, 481, 500, 503),
  ...among(63, 405),
  ...among(79, 406, 415, 501),
  ...among(102, 408, 504),
])

/** RFC 3398 §7.2.4.1; for 26 the other half of 200 above. 16 has no status: it is a BYE. */
const sipByQ850: ReadonlyMap<number, number> = new Map([
  ...among(404, 1, 2, 3),
  [17, 486],
  [18, 408],
  ...among(480, NO_ANSWER, SUBSCRIBER_ABSENT, NORMAL_UNSPECIFIED),
  ...among(403, 21, 55, 57, 87),
  ...among(410, 22, 23),
  [NON_SELECTED_USER, 200],
  [27, 502],
  [28, 484],
  ...among(501, 29, 79),
  ...among(503, 34, 38, 41, 42, 47, 58, 88),
  ...among(488, 65, 70),
  [102, 504],
  ...among(500, 111, INTERWORKING),
])

function among(to: number, ...from: readonly number[]): (readonly [number, number])[] {
  return from.map((one) => [one, to] as const)
}

/** The Q.850 cause that says what a SIP status says. */
export function q850Of(status: number): number {
  return q850BySip.get(status) ?? INTERWORKING
}

/** RFC 3326: what the phones that lost the race are told, so that they show no missed call. */
export const ANSWERED_ELSEWHERE = reasonOf(200, 'Call completed elsewhere')

/** A Reason header's value that says `status` in both protocols. */
export function reasonOf(status: number, text = reasonPhrase(status)): string | null {
  return formatCauses(inBoth([{ protocol: 'SIP', cause: status, text }]))
}

/**
 * What the other parties of a call are told of its end, as a Reason header's value; null: nothing. What a party itself
 * said is passed on, where it is well-formed; else it is nobody's business, but what is our doing is said.
 */
export function reasonFor(ending: Ending): string | null {
  const ours = ending.by === 'server' || ending.by === 'admin'
  return formatCauses(ours ? ourCauses(ending) : inBoth(ending.causes ?? []))
}

/** What the caller of a refused call is told beside the status (RFC 6432: in answers only Q.850 has a place). */
export function refusalReason(ending: Ending): string | null {
  const ours = ourCauses(ending)
  const given = ending.causes?.find(({ protocol }) => protocol === 'Q.850')
  return formatCauses(given ? [given] : ours.filter(({ protocol }) => protocol === 'Q.850'))
}

function ourCauses(ending: Ending): readonly Cause[] {
  const { status, reason: text } = ending
  return [
    { protocol: 'SIP', cause: status, text },
    { protocol: 'Q.850', cause: q850For(ending), text },
  ]
}

// How it came about says more than the status, which has 480 for several things.
function q850For({ outcome, by, status }: Ending): number {
  switch (outcome) {
    case 'answered':
      if (status >= 300) return q850Of(status)
      return by === 'server' ? NORMAL_UNSPECIFIED : NORMAL_CLEARING
    case 'cancelled':
      return NORMAL_CLEARING
    case 'no-answer':
      return NO_ANSWER
    case 'offline':
      return SUBSCRIBER_ABSENT
    case 'busy':
    case 'rejected':
    case 'not-found':
    case 'failed':
    case 'denied':
      return q850Of(status)
    default:
      return outcome satisfies never
  }
}

// A phone reads the one, a gateway the other.
function inBoth(causes: readonly Cause[]): readonly Cause[] {
  const [first, second] = causes
  if (!first || second) return causes
  const { cause, protocol, text } = first
  const other = protocol === 'SIP' ? q850BySip.get(cause) : sipByQ850.get(cause)
  if (other === undefined) return causes
  return [first, { protocol: protocol === 'SIP' ? 'Q.850' : 'SIP', cause: other, text }]
}
