import { plainAddress } from '../platform/address.ts'
import type { SipRequest } from '../sip/message/message.ts'
import { parseNameAddr } from '../sip/message/nameAddr.ts'
import { unescapeUser } from '../sip/message/uri.ts'
import type { Protocol } from '../sip/transport/flow.ts'
import { type CallerSaid, callerOf, type DiversionSaid, diversionOf, numberOf } from './inboundCaller.ts'
import type { TrunkSettings } from './trunk.ts'

/** A trunk as far as calls from it are told by it. */
export interface InboundTrunk {
  readonly settings: Pick<TrunkSettings, 'name' | 'register' | 'transport' | 'calledNumberIn' | 'callerIn'>
  /** The user of the Contact that it registered, unescaped, which nobody else can guess; null: it does not register. */
  readonly contactUser: string | null
  /** Whether calls of this trunk may come from there: the provider's resolved addresses and those that the admin allows. */
  isAllowed(address: string): boolean
}

/** A call that a provider brings. */
export interface InboundCall<T extends InboundTrunk> {
  readonly trunk: T
  /** The number that was called, as the provider writes it; empty: it names none. */
  readonly called: string
  readonly caller: CallerSaid
  /** Who had it sent on last; null: nobody, or it is not said. */
  readonly diversion: DiversionSaid | null
}

/**
 * Which trunk an INVITE is of; null: of none, and so it is anybody's and must prove who it is. What a stranger can write
 * never decides: the address that it comes from must be the provider's, and a trunk that registers is told by the Contact
 * that it registered. `trunks`: in the admin's order. `ownerOf`: the trunk that alone may bring calls for a number, or null.
 */
export function recognise<T extends InboundTrunk>(
  request: SipRequest,
  from: { readonly address: string; readonly protocol: Protocol },
  trunks: readonly T[],
  ownerOf: (called: string) => string | null = () => null,
): InboundCall<T> | null {
  // A page in a browser is nobody's trunk.
  if (from.protocol === 'ws' || from.protocol === 'wss') return null
  const address = plainAddress(from.address)
  const user = request.uri.kind === 'sip' && request.uri.user !== null ? unescapeUser(request.uri.user) : null
  const near = trunks.filter((trunk) => mayCome(trunk, from.protocol) && trunk.isAllowed(address))
  const registered = near.find(({ contactUser }) => contactUser !== null && contactUser === user)
  if (registered) return callOf(request, registered, true)
  // An INVITE to the Contact of another trunk, from elsewhere than its provider, is not to be taken for anything else.
  if (user !== null && trunks.some(({ contactUser }) => contactUser === user)) return null
  return byAddress(request, near.filter(knownByAddress), ownerOf)
}

// Nobody can forge the source of a connection; of a datagram one can, which is why one asks for TLS.
function mayCome({ settings }: InboundTrunk, protocol: Protocol): boolean {
  return settings.transport !== 'tls' || protocol === 'tls'
}

// Where the provider writes the called number into the Request-URI, it writes it over the Contact.
function knownByAddress({ settings }: InboundTrunk): boolean {
  return !settings.register || settings.calledNumberIn === 'request-uri'
}

/**
 * Several trunks of one provider share its addresses: who may bring calls of one may bring those of the others as well, so
 * it harms nobody that the number called decides between them; else the first is taken.
 */
function byAddress<T extends InboundTrunk>(
  request: SipRequest,
  trunks: readonly T[],
  ownerOf: (called: string) => string | null,
): InboundCall<T> | null {
  const calls = trunks.map((trunk) => callOf(request, trunk, false))
  if (calls.length < 2) return calls[0] ?? null
  return calls.find(({ called, trunk }) => ownerOf(called) === trunk.settings.name) ?? calls[0] ?? null
}

function callOf<T extends InboundTrunk>(request: SipRequest, trunk: T, byContact: boolean): InboundCall<T> {
  const { calledNumberIn, callerIn } = trunk.settings
  return {
    trunk,
    called: calledNumber(request, calledNumberIn, byContact),
    caller: callerOf(request, callerIn),
    diversion: diversionOf(request),
  }
}

// The Contact that we made up is no number: then it is named elsewhere.
function calledNumber(request: SipRequest, where: TrunkSettings['calledNumberIn'], byContact: boolean): string {
  const { headers, to, uri } = request
  const party = parseNameAddr(headers.first('p-called-party-id') ?? '')
  const inUri = byContact ? null : numberOf(uri)
  const inTo = numberOf(to.uri)
  const inParty = party === null ? null : numberOf(party.uri)
  switch (where) {
    case 'request-uri':
      return inUri ?? inParty ?? inTo ?? ''
    case 'to':
      return inTo ?? inParty ?? inUri ?? ''
    case 'p-called-party-id':
      return inParty ?? inUri ?? inTo ?? ''
    default:
      return where satisfies never
  }
}

/**
 * What a number of a provider may mean, the likeliest first: those that write `4930…` for +4930… write national numbers
 * without a sign, too, which are shorter than 11 digits in the countries that do so.
 */
export function inboundForms(raw: string, format: TrunkSettings['numberFormat']): readonly string[] {
  if (format !== 'plain' || !/^[1-9]\d{6,14}$/.test(raw)) return [raw]
  return raw.length >= 11 ? [`+${raw}`, raw] : [raw, `+${raw}`]
}
