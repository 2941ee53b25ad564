import type { Cause } from '../dialplan/decision.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import { formatNameAddr } from '../sip/message/nameAddr.ts'
import { Params } from '../sip/message/params.ts'
import { type SipUri, sipUri } from '../sip/message/uri.ts'
import type { TrunkSettings } from './trunk.ts'

/** Why a call was sent on (RFC 5806 §4.1). */
export type DiversionReason = 'unconditional' | 'user-busy' | 'no-answer' | 'unavailable' | 'unknown'

/** Who had a call sent on. */
export interface Diverted {
  /** E.164 where it has that form. */
  readonly number: string
  readonly reason: DiversionReason
}

/** A Diverted as the trunk writes it. */
export interface DivertedUri {
  readonly uri: SipUri
  readonly reason: DiversionReason
}

/** The reason for a call that was sent on because of `cause`; null: whatever happened, it was to be sent on. */
export function diversionReason(cause: Cause | null): DiversionReason {
  switch (cause) {
    case null:
      return 'unconditional'
    case 'busy':
      return 'user-busy'
    case 'no-answer':
      return 'no-answer'
    case 'offline':
    case 'unavailable':
      return 'unavailable'
    default:
      return cause satisfies never
  }
}

/** So many are told of at most: the first, whom the caller called, and the last ones. */
const MOST = 6

/** The headers that say who had a call to `target` sent on; `diverted`: first to last. */
export function forwarding(
  style: TrunkSettings['diversion'],
  diverted: readonly DivertedUri[],
  target: SipUri,
): HeaderLine[] {
  if (diverted.length === 0 || style === 'none') return []
  const told = diverted.length <= MOST ? diverted : [...diverted.slice(0, 1), ...diverted.slice(1 - MOST)]
  return style === 'diversion' ? diversions(told) : [['History-Info', history(told, target)]]
}

// RFC 5806 §4.2: the latest comes first.
function diversions(diverted: readonly DivertedUri[]): HeaderLine[] {
  return diverted.toReversed().map(({ uri, reason }) => {
    const params = Params.of({ reason, counter: '1' })
    return ['Diversion', formatNameAddr({ uri, params })]
  })
}

/** The reasons as History-Info has them: RFC 7544 §7.1. */
const CAUSES: Readonly<Record<DiversionReason, number>> = {
  unconditional: 302,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 503,
  unknown: 404,
}

// RFC 7044 §10.3: each whom the call was sent to has an index below the one that sent it there (mp), and why (RFC 4458).
function history(diverted: readonly DivertedUri[], target: SipUri): string {
  const entries = [...diverted.map(({ uri }) => uri), target].map((uri, at) => {
    const index = ['1', ...Array<string>(at).fill('1')].join('.')
    const sentBy = diverted[at - 1]
    if (sentBy === undefined) return formatNameAddr({ uri, params: Params.of({ index }) })
    const params = Params.of({ index, mp: index.slice(0, -2) })
    return formatNameAddr({ uri: withCause(uri, CAUSES[sentBy.reason]), params })
  })
  return entries.join(', ')
}

function withCause({ user, host, params }: SipUri, cause: number): SipUri {
  return sipUri({ user, host, params: params.with('cause', String(cause)) })
}
