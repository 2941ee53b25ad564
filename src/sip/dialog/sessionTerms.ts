import { parseParameterized, parseSeconds } from '../message/fields.ts'
import type { HeaderLine } from '../message/headers.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import { supports } from '../message/optionTags.ts'

/** RFC 4028 as values: how long a session lives without a refresh, and who refreshes it. All times in s. */

/** What we ask for, which is also what §4 recommends. */
export const SESSION_EXPIRES = 1800

/** The least we agree to: no less is allowed (§5). */
export const MIN_SE = 90

/** No peer may raise its Min-SE above this. */
const LARGEST = 86_400

/** The side of a request: who sent it, or who answers it. */
export type Side = 'uac' | 'uas'

export interface SessionTerms {
  readonly seconds: number
  /** Who refreshes, as seen from the request that settled it. */
  readonly refresher: Side
}

/** How we answer what a request asks; `headers` belong into the 2xx. */
export type TermsAnswer =
  | { readonly kind: 'settled'; readonly terms: SessionTerms | null; readonly headers: readonly HeaderLine[] }
  /** To be refused with 422 and our Min-SE (§6). */
  | { readonly kind: 'too-small'; readonly headers: readonly HeaderLine[] }

/** The server side, §9. One that knows session timers and asks for nothing is asked to refresh as often as we would. */
export function answerTerms(request: SipRequest): TermsAnswer {
  const asked = sessionExpires(request)
  const minimum = minSe(request)
  const knows = supports(request, 'timer')
  if (asked && asked.seconds < MIN_SE) return { kind: 'too-small', headers: [['Min-SE', String(MIN_SE)]] }
  if (!asked && !knows) return { kind: 'settled', terms: null, headers: [] }
  const seconds = asked?.seconds ?? Math.max(SESSION_EXPIRES, minimum)
  // A proxy may have asked for one that does not know; then the refreshing is ours.
  const refresher = knows ? (asked?.refresher ?? 'uac') : 'uas'
  const headers: HeaderLine[] = [['Session-Expires', `${seconds};refresher=${refresher}`]]
  if (knows) headers.push(['Require', 'timer'])
  return { kind: 'settled', terms: { seconds, refresher }, headers }
}

/** The client side, §7.2: what a 2xx settles; null for no timer. */
export function settledTerms(response: SipResponse): SessionTerms | null {
  const found = sessionExpires(response)
  return found && { seconds: Math.max(found.seconds, MIN_SE), refresher: found.refresher ?? 'uac' }
}

/** What our requests ask, §7.1, §7.4. `refresher`: who does it now, once it is settled. */
export function askTerms(seconds: number, minimum: number, refresher: Side | null): readonly HeaderLine[] {
  const role = refresher === null ? '' : `;refresher=${refresher}`
  const expires: HeaderLine = ['Session-Expires', `${Math.max(seconds, minimum)}${role}`]
  return minimum > MIN_SE ? [expires, ['Min-SE', String(minimum)]] : [expires]
}

/** What a 422 wants at least; null if it does not say more than we asked, or too much (§7.3). */
export function raisedMinimum(response: SipResponse, seconds: number): number | null {
  const wanted = minSe(response)
  return wanted > seconds && wanted <= LARGEST ? wanted : null
}

function sessionExpires({ headers }: SipMessage): { seconds: number; refresher: Side | null } | null {
  const field = parseParameterized(headers.first('session-expires') ?? '')
  const seconds = field && parseSeconds(field.value)
  if (!field || seconds === null) return null
  const refresher = field.params.get('refresher')?.toLowerCase()
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null }
}

function minSe({ headers }: SipMessage): number {
  const field = parseParameterized(headers.first('min-se') ?? '')
  return Math.max(MIN_SE, (field && parseSeconds(field.value)) ?? 0)
}
