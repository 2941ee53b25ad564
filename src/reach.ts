import type { Gruu, Phone } from './bridge/bridge.ts'
import { plainAddress } from './platform/address.ts'
import type { Endpoint } from './platform/network.ts'
import { nextHop, type Ways } from './sip/dialog/ways.ts'
import { parseNameAddr } from './sip/message/fields.ts'
import type { SipRequest } from './sip/message/message.ts'
import { sameUri } from './sip/message/sameUri.ts'
import { parseUri, type Uri } from './sip/message/uri.ts'
import type { Binding } from './sip/registrar/bindingStore.ts'
import type { Gruus } from './sip/registrar/gruus.ts'
import type { Flow, Protocol } from './sip/transport/flow.ts'
import type { TransportLayer } from './sip/transport/layer.ts'
import { userOf } from './sip/uasCore.ts'

const DEFAULT_PORT = 5060

/**
 * How phones are reached: over the flow they registered by. Where that is closed they are connected to, but only where
 * they themselves were seen: neither a Contact nor a Path takes us to a host of its own choice.
 */
export class Reach implements Ways {
  readonly #transport: TransportLayer
  readonly #gruus: Gruus
  readonly #lookup: (user: string) => readonly Binding[]
  readonly #isUser: (name: string) => boolean
  readonly #ofTrunk: (address: string) => boolean
  /** UDP phones that were not there when they were called last, and have not registered since. */
  readonly #vanished = new WeakSet<Binding>()

  /** `lookup`: the live bindings of a user, the preferred first. */
  constructor(parts: {
    readonly transport: TransportLayer
    readonly gruus: Gruus
    readonly lookup: (user: string) => readonly Binding[]
    readonly isUser: (name: string) => boolean
    /** Whether an address is a trunk's, whose requests stay on the transport that the admin chose. */
    readonly ofTrunk: (address: string) => boolean
  }) {
    this.#transport = parts.transport
    this.#gruus = parts.gruus
    this.#lookup = parts.lookup
    this.#isUser = parts.isUser
    this.#ofTrunk = parts.ofTrunk
  }

  /** The way to a registered phone that is open now. */
  flow({ protocol, source, local }: Binding): Flow | null {
    return this.#transport.flowTo(protocol, source, local)
  }

  /** A user's phones, the preferred first. */
  devices(user: string): readonly Phone[] {
    return this.#devices(this.#lookup(user))
  }

  /** What `uri` leads to; null if it is no GRUU, `unknown` if it is none of ours (RFC 5627 §5.1). */
  gruu(uri: Uri): Gruu | 'unknown' | null {
    const target = this.#gruus.target(uri)
    if (target === null || target === 'unknown') return target
    const { kind, user, names } = target
    const named = this.#lookup(user).filter(names)
    // A temporary one is over with the registration; a public one is for ever, and its phone may be away.
    if (named.length === 0 && (kind === 'temporary' || !this.#isUser(user))) return 'unknown'
    return { user, devices: this.#devices(named) }
  }

  async reopen(request: SipRequest, old: Flow): Promise<Flow> {
    // A phone to which nobody can connect is reached over the connection that it has registered over since.
    const binding = this.#bindingsOf(request).find(({ contact }) => isAt(contact, request.uri))
    const registered = binding && this.flow(binding)
    return registered ?? this.#connect(old.protocol, nextHop(request), old.remote, old.local)
  }

  answer(old: Flow, port: number | null): Promise<Flow> {
    const remote = { address: old.remote.address, port: port ?? DEFAULT_PORT }
    return this.#transport.connect(old.protocol, remote, old.local)
  }

  stream(request: SipRequest, flow: Flow): Promise<Flow> | null {
    const registered = this.#bindingsOf(request).some(({ protocol, source }) => {
      return protocol === flow.protocol && source.port === flow.remote.port && source.address === flow.remote.address
    })
    // Requests over a registered flow never change their transport (RFC 5626 §5.3), and NAT lets no other one in.
    if (registered || this.#ofTrunk(flow.remote.address) || !listensAt(nextHop(request), flow.remote)) return null
    return this.#connect('tcp', nextHop(request), flow.remote, flow.local)
  }

  // To names the user whose phone is the peer, in a call of ours to it as in one of its own.
  #bindingsOf(request: SipRequest): readonly Binding[] {
    return this.#lookup(userOf(request.to.uri) ?? '')
  }

  // A connection's source port is the phone's throw-away; it listens where its Contact says.
  async #connect(protocol: Protocol, at: Uri, seen: Endpoint, local: Endpoint): Promise<Flow> {
    const remote = listensAt(at, seen)
    if (remote === null) throw new Error(`nothing was ever heard from ${at.text}`)
    return this.#transport.connect(protocol, remote, local)
  }

  // Several flows of one instance are one phone, which is rung over one of them (RFC 5626 §7).
  #devices(bindings: readonly Binding[]): Phone[] {
    const flows = new Map<string, Binding[]>()
    for (const binding of bindings) {
      const phone = binding.instance ?? binding.key
      const others = flows.get(phone)
      if (others) others.push(binding)
      else flows.set(phone, [binding])
    }
    return [...flows.values()].flatMap((found) => this.#phone(found) ?? [])
  }

  // The flow that is open and was refreshed last comes first.
  #phone(bindings: readonly Binding[]): Phone | null {
    const ways = bindings.map((binding) => ({
      binding,
      flow: this.#vanished.has(binding) ? null : this.flow(binding),
    }))
    ways.sort((a, b) => Number(a.flow !== null) - Number(b.flow !== null) || a.binding.expiresAt - b.binding.expiresAt)
    return ways.reduce<Phone | null>((next, { binding, flow }) => this.#device(binding, flow, next) ?? next, null)
  }

  #device(binding: Binding, flow: Flow | null, next: Phone | null): Phone | null {
    const { user, instance, domain, userAgent } = binding
    const contact = parseUri(binding.contact)
    if (!contact) return null
    const route = binding.path.flatMap((value) => parseNameAddr(value) ?? [])
    const hop = route[0]?.uri ?? contact
    const connect = (): Promise<Flow> => this.#connectTo(binding, hop)
    const hasVanished = (): Promise<boolean> => this.#hasVanished(binding, hop)
    return { kind: 'phone', user, instance, contact, domain, userAgent, route, flow, connect, hasVanished, next }
  }

  // Only a phone that is where it says can be asked: before NAT, the question comes from somebody it does not know.
  async #hasVanished(binding: Binding, hop: Uri): Promise<boolean> {
    const { protocol, source, local } = binding
    if (protocol !== 'udp' || listensAt(hop, source)?.port !== source.port) return false
    const vanished = await this.#transport.hasVanished(source, local)
    if (vanished) this.#vanished.add(binding)
    else this.#vanished.delete(binding)
    return vanished
  }

  async #connectTo(binding: Binding, hop: Uri): Promise<Flow> {
    const { protocol, source, local, regId } = binding
    if (this.#vanished.has(binding) && (await this.#hasVanished(binding, hop))) throw new Error('nobody is there')
    const open = this.flow(binding)
    if (open) return open
    // RFC 5626 §5.3: a flow that is gone, be it by a restart of ours, is opened by the phone alone.
    if (regId !== null) throw new Error('the flow has failed')
    return this.#connect(protocol, hop, source, local)
  }
}

function isAt(contact: string, target: Uri): boolean {
  const uri = parseUri(contact)
  return uri !== null && sameUri(uri, target)
}

// null: it is not where it says it is, so behind NAT, or a name, which would have to be resolved on the call path.
function listensAt(uri: Uri, seen: Endpoint): Endpoint | null {
  if (uri.kind !== 'sip' || plainAddress(uri.host) !== seen.address) return null
  return { address: seen.address, port: uri.port ?? DEFAULT_PORT }
}
