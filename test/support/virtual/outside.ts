import type { Test } from 'tap'
import { EMPTY_NETWORK, type PhoneNetwork } from '../../../src/api/plan/network.ts'
import { receivedFrom } from '../../../src/sip/message/create.ts'
import type { HeaderLine } from '../../../src/sip/message/headers.ts'
import type { SipRequest, SipResponse } from '../../../src/sip/message/message.ts'
import type { TrunkEntry } from '../../../src/trunks/trunk.ts'
import { own, rule } from '../../dialplan/plans.ts'
import { entry } from '../../trunks/trunks.ts'
import type { Extra, VirtualPhone } from './phone.ts'
import { Provider, REALM } from './provider.ts'
import { type PhoneSetup, SERVER, type World, type WorldOptions, world } from './world.ts'

/** Where the provider of a trunk that is not otherwise set is. */
export const PROVIDER = '203.0.113.5'
/** Another one's address. */
export const OTHER_PROVIDER = '203.0.113.6'
/** Nobody's that we know. */
export const STRANGER = '198.51.100.66'

/** Our main number, and somebody's in the country and abroad. */
export const MAIN = '+4930123450'
export const OUT_THERE = '+4930987654'
export const ABROAD = '+33142685300'

/** A trunk by the address of its provider. */
export function trunkAt(name: string, host: string, given: Partial<TrunkEntry> = {}): TrunkEntry {
  return entry({ name, host, ...given })
}

/** Whatever begins with 0 or + goes out, over these trunks. */
export function allOut(...trunks: readonly string[]) {
  return rule(
    'out',
    '[+0].*',
    trunks.map((name) => `trunk:${name}`),
  )
}

/** A provider's server: it takes and brings calls, and answers OPTIONS and REGISTER by itself. */
export interface ProviderPhone extends VirtualPhone {
  /** Who is registered with it, and what came. */
  readonly registry: Provider
}

/** Puts a provider's server on the network. */
export async function provider({ phone, network, clock }: World, how: PhoneSetup = {}): Promise<ProviderPhone> {
  const address = how.address ?? PROVIDER
  const it = await phone('provider', { ...how, address })
  const registry = new Provider(network, clock, { address, port: how.port ?? 5060 })
  it.automatic = (request) => {
    // A router before the server shows another address than that of its Via.
    const to = network.router ? receivedFrom(request, { address: network.router.outside, port: 5060 }) : request
    if (request.method === 'OPTIONS') return { to, status: 200 }
    if (request.method !== 'REGISTER') return null
    registry.got.push({ at: clock.now(), request })
    const [reply = null] = [registry.manner(request, registry)].flat()
    return reply !== null && typeof reply === 'object' ? { to, ...reply } : null
  }
  return Object.assign(it, { registry })
}

/** A call that a provider brings to `number`; not yet sent. */
export function bringing(
  from: VirtualPhone,
  number: string,
  { caller = OUT_THERE, to = number, headers = [], sdp = from.sdp() }: Extra & { caller?: string; to?: string } = {},
): SipRequest {
  const { address } = from.local
  const parts = { to: `<sip:${to}@${SERVER}>`, from: `<sip:${caller}@${address}>;tag=caller-${++tags}`, sdp }
  return from.request('INVITE', `sip:${number}@${SERVER}`, {
    ...parts,
    headers: [['Contact', from.contact], ...headers],
  })
}

let tags = 0

/** Brings a call, and waits for `sees`: `100 INVITE` if not given. */
export async function brings(
  from: VirtualPhone,
  number: string,
  how: Parameters<typeof bringing>[2] & { sees?: string } = {},
): Promise<SipResponse> {
  const invite = bringing(from, number, how)
  from.outgoing = invite
  from.sends(invite)
  return from.seesResponse(how.sees ?? '100 INVITE')
}

/** Asks for a proof of who sent the INVITE that came last; `more`: after realm and nonce. */
export function challenges(by: VirtualPhone, nonce = 'n1', { status = 401, more = ', qop="auth"' } = {}): void {
  by.responds(status, { headers: [challenge(nonce, { status, more })] })
}

/** What asks for a proof. */
export function challenge(nonce: string, { status = 401, more = ', qop="auth"' } = {}): HeaderLine {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
  return [name, `Digest realm="${REALM}", nonce="${nonce}"${more}`]
}

export interface Outside extends World {
  /** 101, who may call the whole world and shows +4930123451. */
  readonly alice: VirtualPhone
  /** Where trunk `one` leads. */
  readonly itsp: ProviderPhone
}

export type OutsideOptions = WorldOptions & { readonly trunk?: Partial<TrunkEntry>; readonly itsp?: PhoneSetup }

/**
 * A world with 101, a trunk `one` to a provider, `two` to another where it has one, a rule that lets all calls out over them,
 * and our main number, which rings 102.
 */
export async function outside(
  t: Test,
  { trunk = {}, phoneNetwork = {}, ...how }: OutsideOptions = {},
): Promise<Outside> {
  const all = await world(t, {
    country: 'DE',
    allow: ['internal', 'national', 'international'],
    callerIds: { '101': '+4930123451', '102': '+4930123452' },
    ...how,
    phoneNetwork: outsideNetwork([trunkAt('one', PROVIDER, trunk)], phoneNetwork),
  })
  const alice = await all.phone('101')
  const itsp = await provider(all, how.itsp)
  // Until it has been asked whether it is there.
  await all.clock.advance(100)
  return Object.assign(all, { alice, itsp })
}

/** What an admin has made who has these trunks, and whatever else is given. */
export function outsideNetwork(
  trunks: readonly TrunkEntry[],
  given: Partial<PhoneNetwork> = {},
): Partial<PhoneNetwork> {
  const names = (given.trunks ?? trunks).map(({ name }) => name)
  return { ...EMPTY_NETWORK, trunks, routes: [allOut(...names)], numbers: [own(MAIN, ['user:102'])], ...given }
}
