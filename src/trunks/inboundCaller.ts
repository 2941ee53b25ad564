import type { SipRequest } from '../sip/message/message.ts'
import type { NameAddr } from '../sip/message/nameAddr.ts'
import { parseNameAddr, parseNameAddrs } from '../sip/message/nameAddr.ts'
import { fromUtf8 } from '../sip/message/text.ts'
import { type Uri, unescapeUser } from '../sip/message/uri.ts'
import type { TrunkSettings } from './trunk.ts'

/** What a provider says of who calls. */
export interface CallerSaid {
  /** As the provider writes it, without the dots and dashes people put in; null: withheld, or not said. */
  readonly number: string | null
  readonly name: string | null
}

/** What a provider says of who had a call sent on. */
export interface DiversionSaid {
  readonly number: string
  /** As in `user-busy`; null: not said. */
  readonly reason: string | null
}

/** Longer is neither a number nor a name, characters. */
const MAX_NUMBER = 64
const MAX_NAME = 64

const NOBODY: CallerSaid = { number: null, name: null }

/** Who calls, from the first of the headers `where` that says it. A caller that wants to be nobody is nobody. */
export function callerOf(request: SipRequest, where: TrunkSettings['callerIn']): CallerSaid {
  if (isWithheld(request)) return NOBODY
  for (const header of where) {
    const said = named(addressesIn(request, header))
    if (said !== null) return said
  }
  return NOBODY
}

// RFC 3323 §4.2. `session` and `critical` say nothing of the caller's number; From is what the caller itself says.
function isWithheld(request: SipRequest): boolean {
  const { headers, from } = request
  const privacy = headers
    .all('privacy')
    .join(';')
    .toLowerCase()
    .split(/[;,\s]+/)
  if (privacy.some((value) => ['id', 'user', 'header', 'full'].includes(value))) return true
  return from.uri.kind === 'sip' && (from.uri.host === 'anonymous.invalid' || isNobody(from.uri.user ?? ''))
}

function isNobody(user: string): boolean {
  return /^(anonymous|restricted|unavailable|unknown|private|withheld)$/i.test(user)
}

function addressesIn(request: SipRequest, header: 'pai' | 'rpid' | 'from'): readonly NameAddr[] {
  switch (header) {
    case 'pai':
      return parseNameAddrs(request.headers, 'p-asserted-identity') ?? []
    case 'rpid':
      return (parseNameAddrs(request.headers, 'remote-party-id') ?? []).filter(isCalling)
    case 'from':
      return [request.from]
    default:
      return header satisfies never
  }
}

function isCalling({ params }: NameAddr): boolean {
  const hidden = params.get('privacy')?.toLowerCase() ?? 'off'
  return (params.get('party') ?? 'calling').toLowerCase() === 'calling' && hidden !== 'full' && hidden !== 'uri'
}

// RFC 3325 §9.1: there may be a sip URI and a tel URI of the same caller.
function named(addresses: readonly NameAddr[]): CallerSaid | null {
  for (const { uri } of addresses) {
    const number = numberOf(uri)
    if (number !== null && !isNobody(number)) return { number, name: nameOf(addresses) }
  }
  return null
}

function nameOf(addresses: readonly NameAddr[]): string | null {
  const said = addresses.find(({ displayName }) => displayName !== null)?.displayName ?? ''
  const line = fromUtf8(said)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return line === '' || isNobody(line) ? null : [...line].slice(0, MAX_NAME).join('')
}

/** The number or name that a URI calls by, unescaped, as text; null: none, or one that is too long. */
export function numberOf(uri: Uri): string | null {
  if (uri.kind === 'other') return null
  if (uri.kind === 'tel') return kept(uri.number)
  // RFC 3261 §19.1.6: parameters of the number (RFC 3966, RFC 4694) may stand in the user part.
  const user = unescapeUser((uri.user ?? '').split(';', 1)[0] ?? '')
  return user === null ? null : kept(fromUtf8(user))
}

function kept(number: string): string | null {
  const plain = /^\+?[\d.()\s-]+$/.test(number) ? number.replace(/[^+\d]/g, '') : number
  return plain === '' || plain.length > MAX_NUMBER || /\p{Cc}/u.test(plain) ? null : plain
}

/** Who had the call sent on last: Diversion (RFC 5806), else History-Info (RFC 7044). */
export function diversionOf({ headers }: SipRequest): DiversionSaid | null {
  const latest = parseNameAddr(headers.list('diversion')[0] ?? '')
  const number = latest === null ? null : numberOf(latest.uri)
  if (latest !== null && number !== null) return { number, reason: latest.params.get('reason')?.toLowerCase() ?? null }
  return fromHistory(parseNameAddrs(headers, 'history-info') ?? [])
}

/** RFC 7544 §7.2. */
const REASONS: Readonly<Record<string, string>> = {
  302: 'unconditional',
  408: 'no-answer',
  486: 'user-busy',
  503: 'unavailable',
}

// RFC 4458 §2: the URI that it was sent to says why; the one that it points back to (mp), or else the one before, sent it.
function fromHistory(entries: readonly NameAddr[]): DiversionSaid | null {
  const at = entries.findLastIndex(({ uri }) => uri.kind === 'sip' && uri.params.has('cause'))
  const sentTo = entries[at]
  if (sentTo === undefined) return null
  const index = sentTo.params.get('mp')
  const sender = entries.find(({ params }) => index !== null && params.get('index') === index) ?? entries[at - 1]
  const number = sender === undefined ? null : numberOf(sender.uri)
  const cause = sentTo.uri.kind === 'sip' ? (sentTo.uri.params.get('cause') ?? '') : ''
  return number === null ? null : { number, reason: REASONS[cause] ?? null }
}
