import type { OutsideNumber } from '../dialplan/decision.ts'
import type { HeaderLine } from '../sip/message/headers.ts'
import { formatNameAddr } from '../sip/message/nameAddr.ts'
import { Params } from '../sip/message/params.ts'
import { toUtf8 } from '../sip/message/text.ts'
import { escapeUser, type SipUri, sipUri } from '../sip/message/uri.ts'
import { type Diverted, forwarding } from './forwarding.ts'
import type { CallerIdHeader, NumberFormat, TrunkSettings } from './trunk.ts'

/** A call to the phone network, as far as its INVITE says who calls whom. */
export interface OutgoingCall {
  readonly number: OutsideNumber
  /** The number to show, E.164 where it has that form; null: the trunk's own. */
  readonly callerId: string | null
  /** Text as people read it; null: none. */
  readonly callerName: string | null
  /** Who had the call sent on, first to last. */
  readonly divertedBy: readonly Diverted[]
  /** The caller does not want its number shown. Not for emergency calls: they must be called back. */
  readonly withheld: boolean
}

/** What an INVITE to a trunk says of who calls whom. All text is octets, fit to stand in a header as it is. */
export interface Identity {
  /** Without its tag. */
  readonly from: string
  readonly to: string
  readonly requestUri: SipUri
  readonly headers: readonly HeaderLine[]
}

/** Writes a number of E.164, with its plus, as a provider wants it. */
export type WriteNumber = (e164: string, format: NumberFormat) => string

type Settings = Pick<
  TrunkSettings,
  | 'host'
  | 'port'
  | 'domain'
  | 'username'
  | 'callerId'
  | 'callerIdHeader'
  | 'fromAccount'
  | 'diversion'
  | 'numberFormat'
  | 'userPhone'
>

/** More octets are no number, and no account. */
const MAX_USER = 128
/** More of a name nobody shows, characters. */
const MAX_NAME = 64

/** RFC 3323 §4.1.1.3. */
const ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'

/**
 * What an outgoing INVITE carries. Null: the number called is empty or too long for a URI, and so nothing to call. What is
 * wrong with the caller's number or name is left out instead, for the call is more than they.
 */
export function identityOf(settings: Settings, call: OutgoingCall, write: WriteNumber): Identity | null {
  const { domain, host, port } = settings
  const line: Line = { host: domain ?? host, userPhone: settings.userPhone }
  const called = calledNumber(call.number, settings.numberFormat, write)
  const to = uriOf(called, line)
  if (to === null) return null
  const caller = callerOf(settings, call, line, write)
  const diverted = call.divertedBy.flatMap(({ number, reason }) => {
    const uri = uriOf(shown(number, settings.numberFormat, write), line)
    return uri === null ? [] : [{ uri, reason }]
  })
  return {
    from: fromOf(settings, call, caller, line),
    to: formatNameAddr({ uri: to }),
    requestUri: domain === null && port !== null ? withPort(to, port) : to,
    headers: [...callerHeaders(settings, call, caller), ...forwarding(settings.diversion, diverted, to)],
  }
}

/** How URIs of this trunk look. */
interface Line {
  readonly host: string
  readonly userPhone: boolean
}

interface ShownCaller {
  readonly name: string | null
  readonly uri: SipUri
}

function calledNumber({ raw, e164 }: OutsideNumber, format: NumberFormat, write: WriteNumber): string {
  return e164 === null || format === 'raw' ? dialled(raw) : write(e164, format)
}

// What people put between digits is no part of a number (RFC 3966 §5.1.1): 1-1-2 must arrive as 112.
function dialled(raw: string): string {
  const number = raw.replace(/^tel:/i, '')
  return /^\+?[\d*#.()/\s-]+$/.test(number) ? number.replace(/[.()/\s-]/g, '') : raw
}

function shown(number: string, format: NumberFormat, write: WriteNumber): string {
  return format !== 'raw' && /^\+\d{3,15}$/.test(number) ? write(number, format) : number
}

function callerOf(settings: Settings, call: OutgoingCall, line: Line, write: WriteNumber): ShownCaller | null {
  for (const number of [call.callerId, settings.callerId]) {
    const uri = number === null ? null : uriOf(shown(number, settings.numberFormat, write), line)
    if (uri !== null) return { name: nameOf(call.callerName), uri }
  }
  return null
}

function fromOf(settings: Settings, { withheld }: OutgoingCall, caller: ShownCaller | null, line: Line): string {
  const account = settings.username === null ? null : uriOf(settings.username, line)
  // The account is how the provider knows who pays: it stays, and Privacy alone hides what is shown.
  if (account !== null && settings.fromAccount) return formatNameAddr({ uri: account })
  if (withheld) return ANONYMOUS
  if (caller !== null) return formatNameAddr({ displayName: caller.name, uri: caller.uri })
  return account === null ? ANONYMOUS : formatNameAddr({ uri: account })
}

const IDENTITY: Readonly<Record<Exclude<CallerIdHeader, 'from'>, string>> = {
  pai: 'P-Asserted-Identity',
  ppi: 'P-Preferred-Identity',
  rpid: 'Remote-Party-ID',
}

// RFC 3323 §4.2, RFC 3325 §9.3: `id` asks those who are trusted not to pass the identity on beyond themselves.
const PRIVACY: HeaderLine = ['Privacy', 'id']

function callerHeaders(
  { callerIdHeader: header }: Settings,
  { withheld }: OutgoingCall,
  caller: ShownCaller | null,
): HeaderLine[] {
  const privacy = withheld ? [PRIVACY] : []
  if (caller === null || header === 'from') return privacy
  // draft-ietf-sip-privacy-04 §5.1, which never became an RFC.
  const params = Params.of({ party: 'calling', screen: 'yes', privacy: withheld ? 'full' : 'off' })
  const address = { displayName: withheld ? null : caller.name, uri: caller.uri }
  const value = formatNameAddr(header === 'rpid' ? { ...address, params } : address)
  return [[IDENTITY[header], value], ...privacy]
}

const PHONE = Params.of({ user: 'phone' })

/** Null: it can't be the user part of a URI. */
function uriOf(user: string, { host, userPhone }: Line): SipUri | null {
  const octets = toUtf8(user)
  if (octets === '' || octets.length > MAX_USER) return null
  const params = userPhone && /^\+?\d+$/.test(octets) ? PHONE : Params.none
  return sipUri({ user: escapeUser(octets), host, params })
}

function withPort({ user, host, params }: SipUri, port: number): SipUri {
  return sipUri({ user, host, port, params })
}

// A name is for people: on one line, and no longer than a display.
function nameOf(name: string | null): string | null {
  const line = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line === '' ? null : toUtf8([...line].slice(0, MAX_NAME).join(''))
}
