import { createHash } from 'node:crypto'
import { contacts, type NameAddr, parseExpires, parseNameAddrs, parseQ } from '../message/fields.ts'
import type { SipRequest } from '../message/message.ts'
import { supports } from '../message/optionTags.ts'
import { sameUri } from '../message/sameUri.ts'
import { parseUri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import type { Binding, BindingChange } from './bindingStore.ts'
import { instanceOf, outboundOf, regIdOf } from './outbound.ts'

/** How long a registration may last, seconds. */
export interface ExpiryLimits {
  readonly min: number
  readonly usual: number
  readonly max: number
}

/** What a REGISTER comes to. */
export type Registration =
  /** The user's bindings as they now are, what changed, and whether the phone's flows are kept (RFC 5626). */
  | {
      readonly kind: 'registered'
      readonly bindings: readonly Binding[]
      readonly change: BindingChange
      readonly outbound: boolean
    }
  | { readonly kind: 'refused'; readonly status: number; readonly minExpires?: number; readonly unsupported?: string }

/** Seconds: §10.3 step 7 lets a registrar refuse nothing longer. */
const AN_HOUR = 3600
/** How many phones one user may have: beyond it the oldest registration goes. */
const MOST_BINDINGS = 16

/** What all Contacts of a REGISTER have in common. */
interface Circumstances {
  readonly request: SipRequest
  readonly user: string
  readonly flow: Flow
  readonly path: readonly NameAddr[]
  readonly outbound: boolean
  readonly now: number
}

/**
 * RFC 3261 §10.3, steps 6–8, as a pure function: `request` of `user`, come over `flow` at `now` (wall clock, ms), applied
 * to its `current` bindings. Path: RFC 3327 §5.3. Instances and their flows: RFC 5626 §6.
 */
export function register(
  request: SipRequest,
  user: string,
  flow: Flow,
  current: readonly Binding[],
  limits: ExpiryLimits,
  now: number,
): Registration {
  const live = current.filter((binding) => binding.expiresAt > now)
  const listed = contacts(request.headers)
  if (listed === '*') return removeAll(request, user, current, live)
  const path = pathOf(request)
  if (path === 'malformed') return { kind: 'refused', status: 400 }
  // RFC 3327 §5.3: a phone that knows nothing of the path would not know what is done to it.
  if (path.length > 0 && !supports(request, 'path')) return { kind: 'refused', status: 420, unsupported: 'path' }
  const wanted = listed.map((contact) => ({ contact, seconds: expiryOf(contact, request, limits) }))
  if (wanted.some(({ contact }) => contact.uri.kind !== 'sip')) return { kind: 'refused', status: 400 }
  const outbound = outboundOf(request, listed, path)
  if (outbound === 'first hop lacks it') return { kind: 'refused', status: 439 }
  // RFC 5626 §6: a flow has one Contact.
  if (outbound === 'used' && wanted.filter(({ seconds }) => seconds > 0).length > 1) {
    return { kind: 'refused', status: 400 }
  }
  // Step 7: only a wish that is neither an end nor an hour can be too short.
  if (wanted.some(({ seconds }) => seconds > 0 && seconds < Math.min(limits.min, AN_HOUR))) {
    return { kind: 'refused', status: 423, minExpires: limits.min }
  }
  const flowed = { request, user, flow, path, outbound: outbound === 'used', now }
  const isSame = sameness(flowed)
  if (live.some((old) => outOfOrder(old, request) && wanted.some(({ contact }) => isSame(old, contact)))) {
    return { kind: 'refused', status: 500 }
  }
  let bindings = live
  // Ends first: a phone whose address changed ends its old Contact and makes the new one, both with the same instance.
  for (const { contact, seconds } of wanted.toSorted((a, b) => Math.sign(a.seconds) - Math.sign(b.seconds))) {
    const old = bindings.filter((binding) => isSame(binding, contact))
    bindings = bindings.filter((binding) => !old.includes(binding))
    if (seconds > 0) bindings = [...bindings, bind(contact, seconds, flowed, live, old[0])]
  }
  if (bindings.length > MOST_BINDINGS) bindings = bindings.slice(-MOST_BINDINGS)
  return { kind: 'registered', bindings, change: changeOf(user, current, bindings), outbound: flowed.outbound }
}

/** The Contact of a 200: exactly what was registered, and the seconds that are left (§10.3 step 8). */
export function contactLine(binding: Binding, now: number): string {
  const seconds = Math.max(0, Math.round((binding.expiresAt - now) / 1000))
  return `<${binding.contact}>${binding.contactParams};expires=${seconds}`
}

// Step 6: `*` is allowed for one purpose alone.
function removeAll(
  request: SipRequest,
  user: string,
  current: readonly Binding[],
  live: readonly Binding[],
): Registration {
  if (request.headers.first('expires')?.trim() !== '0') return { kind: 'refused', status: 400 }
  if (live.some((binding) => outOfOrder(binding, request))) return { kind: 'refused', status: 500 }
  return { kind: 'registered', bindings: [], change: changeOf(user, current, []), outbound: false }
}

function pathOf(request: SipRequest): readonly NameAddr[] | 'malformed' {
  if (!request.headers.has('path')) return []
  const path = parseNameAddrs(request.headers, 'path')
  return path?.every(({ uri }) => uri.kind === 'sip') ? path : 'malformed'
}

function expiryOf(contact: NameAddr, request: SipRequest, limits: ExpiryLimits): number {
  const said = contact.params.get('expires') ?? request.headers.first('expires')
  return Math.min(said === null ? limits.usual : parseExpires(said), limits.max)
}

// A phone that restarts comes back with another Contact but the same instance: it replaces itself (RFC 5626 §6), be it
// with the same flow, or because one of the two knows of no flows.
function sameness({ outbound }: Circumstances): (binding: Binding, contact: NameAddr) => boolean {
  return (binding, contact) => {
    const instance = instanceOf(contact)
    if (instance !== null && binding.instance !== null) {
      if (instance !== binding.instance) return false
      const regId = outbound ? regIdOf(contact) : null
      return regId === null || binding.regId === null || regId === binding.regId
    }
    const bound = parseUri(binding.contact)
    return bound !== null && sameUri(bound, contact.uri)
  }
}

function outOfOrder(binding: Binding, request: SipRequest): boolean {
  return binding.callId === request.callId && request.cSeq.number <= binding.cSeq
}

function bind(
  contact: NameAddr,
  seconds: number,
  { request, user, flow, path, outbound, now }: Circumstances,
  live: readonly Binding[],
  old: Binding | undefined,
): Binding {
  const instance = instanceOf(contact)
  const regId = outbound ? regIdOf(contact) : null
  return {
    user,
    contact: contact.uri.text,
    key: instance === null ? contact.uri.text : `${instance}#${regId ?? ''}`,
    instance,
    regId,
    gruuEpoch: instance === null ? null : epochOf(instance, request.callId, live, now),
    path: path.map(({ text }) => text),
    contactParams: ownParams(contact),
    q: parseQ(contact.params.get('q') ?? '1') ?? 1000,
    callId: request.callId,
    cSeq: request.cSeq.number,
    expiresAt: now + seconds * 1000,
    registeredAt: old?.registeredAt ?? now,
    userAgent: request.headers.first('user-agent'),
    domain: request.to.uri.kind === 'sip' ? request.to.uri.host : '',
    protocol: flow.protocol,
    source: { address: flow.remote.address, port: flow.remote.port },
    local: { address: flow.local.address, port: flow.local.port },
  }
}

// What we add in an answer is not the phone's to say, though some send it back.
function ownParams(contact: NameAddr): string {
  return contact.params.without('expires').without('pub-gruu').without('temp-gruu').toString()
}

// RFC 5627 §5.4: temporary GRUUs are good for as long as the instance registers under one Call-ID.
function epochOf(instance: string, callId: string, live: readonly Binding[], now: number): string {
  const before = live.find((binding) => binding.instance === instance && binding.callId === callId)
  if (before?.gruuEpoch) return before.gruuEpoch
  return createHash('sha256').update(`${instance} ${callId} ${now}`).digest('base64url').slice(0, 12)
}

function changeOf(user: string, before: readonly Binding[], after: readonly Binding[]): BindingChange {
  const kept = new Set(after.map(({ key }) => key))
  return {
    user,
    put: after.filter((binding) => !before.includes(binding)),
    removed: before.filter(({ key }) => !kept.has(key)).map(({ key }) => key),
  }
}
