import { contacts, type NameAddr, parseExpires, parseQ } from '../message/fields.ts'
import type { SipRequest } from '../message/message.ts'
import { sameUri } from '../message/sameUri.ts'
import { parseUri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import type { Binding, BindingChange } from './bindingStore.ts'

/** How long a registration may last, seconds. */
export interface ExpiryLimits {
  readonly min: number
  readonly usual: number
  readonly max: number
}

/** What a REGISTER comes to. */
export type Registration =
  /** The user's bindings as they now are, and what changed. */
  | { readonly kind: 'registered'; readonly bindings: readonly Binding[]; readonly change: BindingChange }
  | { readonly kind: 'refused'; readonly status: number; readonly minExpires?: number }

/** Seconds: §10.3 step 7 lets a registrar refuse nothing longer. */
const AN_HOUR = 3600
/** How many phones one user may have: beyond it the oldest registration goes. */
const MOST_BINDINGS = 16

/**
 * RFC 3261 §10.3, steps 6–8, as a pure function: `request` of `user`, come over `flow` at `now` (wall clock, ms), applied
 * to its `current` bindings.
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
  const wanted = listed.map((contact) => ({ contact, seconds: expiryOf(contact, request, limits) }))
  if (wanted.some(({ contact }) => contact.uri.kind !== 'sip')) return { kind: 'refused', status: 400 }
  // Step 7: only a wish that is neither an end nor an hour can be too short.
  if (wanted.some(({ seconds }) => seconds > 0 && seconds < Math.min(limits.min, AN_HOUR))) {
    return { kind: 'refused', status: 423, minExpires: limits.min }
  }
  if (live.some((old) => outOfOrder(old, request) && wanted.some(({ contact }) => isSame(old, contact)))) {
    return { kind: 'refused', status: 500 }
  }
  let bindings = live
  // Ends first: a phone whose address changed ends its old Contact and makes the new one, both with the same instance.
  for (const { contact, seconds } of wanted.toSorted((a, b) => Math.sign(a.seconds) - Math.sign(b.seconds))) {
    const old = bindings.find((binding) => isSame(binding, contact))
    bindings = bindings.filter((binding) => binding !== old)
    if (seconds > 0) bindings = [...bindings, bind(contact, seconds, request, user, flow, old, now)]
  }
  if (bindings.length > MOST_BINDINGS) bindings = bindings.slice(-MOST_BINDINGS)
  return { kind: 'registered', bindings, change: changeOf(user, current, bindings) }
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
  return { kind: 'registered', bindings: [], change: changeOf(user, current, []) }
}

function expiryOf(contact: NameAddr, request: SipRequest, limits: ExpiryLimits): number {
  const said = contact.params.get('expires') ?? request.headers.first('expires')
  return Math.min(said === null ? limits.usual : parseExpires(said), limits.max)
}

// A phone that restarts comes back with another Contact but the same instance: it replaces itself (RFC 5626 §6).
function isSame(binding: Binding, contact: NameAddr): boolean {
  const instance = instanceKey(contact)
  if (instance !== null && binding.key.startsWith('urn:')) return binding.key === instance
  const bound = parseUri(binding.contact)
  return bound !== null && sameUri(bound, contact.uri)
}

function instanceKey(contact: NameAddr): string | null {
  const instance = contact.params.get('+sip.instance')?.replace(/^<|>$/g, '')
  return instance?.startsWith('urn:') ? `${instance}#${contact.params.get('reg-id') ?? ''}` : null
}

function outOfOrder(binding: Binding, request: SipRequest): boolean {
  return binding.callId === request.callId && request.cSeq.number <= binding.cSeq
}

function bind(
  contact: NameAddr,
  seconds: number,
  request: SipRequest,
  user: string,
  flow: Flow,
  old: Binding | undefined,
  now: number,
): Binding {
  return {
    user,
    contact: contact.uri.text,
    key: instanceKey(contact) ?? contact.uri.text,
    contactParams: contact.params.without('expires').toString(),
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

function changeOf(user: string, before: readonly Binding[], after: readonly Binding[]): BindingChange {
  const kept = new Set(after.map(({ key }) => key))
  return {
    user,
    put: after.filter((binding) => !before.includes(binding)),
    removed: before.filter(({ key }) => !kept.has(key)).map(({ key }) => key),
  }
}
