import type { Device } from './bridge/bridge.ts'
import { plainAddress } from './platform/address.ts'
import type { Endpoint } from './platform/network.ts'
import { nextHop, type Ways } from './sip/dialog/ways.ts'
import type { SipRequest } from './sip/message/message.ts'
import { sameUri } from './sip/message/sameUri.ts'
import { parseUri, type Uri } from './sip/message/uri.ts'
import type { Binding } from './sip/registrar/bindingStore.ts'
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
  readonly #lookup: (user: string) => readonly Binding[]

  /** `lookup`: the live bindings of a user, the preferred first. */
  constructor(transport: TransportLayer, lookup: (user: string) => readonly Binding[]) {
    this.#transport = transport
    this.#lookup = lookup
  }

  /** The way to a registered phone that is open now. */
  flow({ protocol, source, local }: Binding): Flow | null {
    return this.#transport.flowTo(protocol, source, local)
  }

  devices(user: string): readonly Device[] {
    return this.#lookup(user).flatMap((binding) => this.#device(binding))
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
    if (registered || !listensAt(nextHop(request), flow.remote)) return null
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

  #device(binding: Binding): Device[] {
    const { user, domain, userAgent, protocol, source, local } = binding
    const contact = parseUri(binding.contact)
    if (!contact) return []
    const connect = (): Promise<Flow> => this.#connect(protocol, contact, source, local)
    return [{ user, contact, domain, userAgent, flow: this.flow(binding), connect }]
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
