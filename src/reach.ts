import type { Device } from './bridge/bridge.ts'
import { isIP } from './platform/address.ts'
import type { Endpoint } from './platform/network.ts'
import { sameUri } from './sip/message/sameUri.ts'
import { parseUri, type Uri } from './sip/message/uri.ts'
import type { Binding } from './sip/registrar/bindingStore.ts'
import type { Flow } from './sip/transport/flow.ts'
import type { TransportLayer } from './sip/transport/layer.ts'
import { userOf } from './sip/uasCore.ts'

/** How phones are reached: over the flow they registered by, else where their Contact says. */
export class Reach {
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

  /** A new way to the peer of a dialog, at `target`, whose connection `old` is gone. Rejects if there is none. */
  async reopen(target: Uri, old: Flow): Promise<Flow> {
    // A phone to which nobody can connect is reached over the connection that it has registered over since.
    const binding = this.#lookup(userOf(target) ?? '').find(({ contact }) => isAt(contact, target))
    const registered = binding && this.flow(binding)
    return registered ?? this.#transport.connect(old.protocol, endpointOf(target) ?? old.remote, old.local)
  }

  #device(binding: Binding): Device[] {
    const { user, domain, userAgent, protocol, source, local } = binding
    const contact = parseUri(binding.contact)
    if (!contact) return []
    // A connection's source port is the phone's throw-away; it listens where its Contact says.
    const connect = (): Promise<Flow> => this.#transport.connect(protocol, endpointOf(contact) ?? source, local)
    return [{ user, contact, domain, userAgent, flow: this.flow(binding), connect }]
  }
}

function isAt(contact: string, target: Uri): boolean {
  const uri = parseUri(contact)
  return uri !== null && sameUri(uri, target)
}

// Only addresses: a name would have to be resolved on the call path.
function endpointOf(uri: Uri): Endpoint | null {
  if (uri.kind !== 'sip' || !isIP(uri.host)) return null
  return { address: uri.host, port: uri.port ?? 5060 }
}
