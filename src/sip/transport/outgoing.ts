import type { Endpoint, Network, TcpConnection } from '../../platform/network.ts'
import type { ConnectionFlow } from './connection.ts'

/** A connection has to be up by then, or the request gets its 503. */
const CONNECT_WITHIN = 5_000

/** What a connection of our own is to. */
export interface Wanted {
  readonly protocol: 'tcp' | 'tls'
  readonly remote: Endpoint
  /** The address of ours that it comes from; undefined: the system picks. */
  readonly from: string | undefined
  /** TLS: the domain or address that the peer must prove to be. */
  readonly name: string
}

export interface OutgoingOptions {
  readonly network: Network
  /** Makes a flow of a connection that is up. Throws when none is wanted any more. */
  readonly adopt: (connection: TcpConnection, wanted: Wanted) => ConnectionFlow
}

/**
 * The connections that we open. Those who want the same at once share one; one over TLS is shared only by those who want
 * it to the same name (RFC 5923 §9.1: an address proves nothing).
 */
export class Outgoing {
  readonly #options: OutgoingOptions
  readonly #opening = new Map<string, Promise<ConnectionFlow>>()
  readonly #secured = new Map<string, ConnectionFlow>()

  constructor(options: OutgoingOptions) {
    this.#options = options
  }

  /** The open connection over TLS to a peer that has proven to be `name`; null: there is none. */
  secured(remote: Endpoint, name: string): ConnectionFlow | null {
    const flow = this.#secured.get(peerKey(remote, name))
    return flow?.open ? flow : null
  }

  /** Opens a connection, or joins those who open it. Rejects with the system's error; `connectionProblem` has the words. */
  open(wanted: Wanted): Promise<ConnectionFlow> {
    const key = `${wanted.protocol} ${wanted.from ?? ''} ${peerKey(wanted.remote, wanted.name)}`
    const opening = this.#opening.get(key) ?? this.#open(wanted).finally(() => this.#opening.delete(key))
    this.#opening.set(key, opening)
    return opening
  }

  async #open(wanted: Wanted): Promise<ConnectionFlow> {
    const { network, adopt } = this.#options
    const { protocol, remote, from, name } = wanted
    const how = { ...(from === undefined ? {} : { from }), timeout: CONNECT_WITHIN }
    if (protocol === 'tcp') return adopt(await network.connectTcp(remote, how), wanted)
    const flow = adopt(await network.connectTls(remote, { ...how, name }), wanted)
    const key = peerKey(remote, name)
    this.#secured.set(key, flow)
    flow.onClosed(() => {
      if (this.#secured.get(key) === flow) this.#secured.delete(key)
    })
    return flow
  }
}

function peerKey({ address, port }: Endpoint, name: string): string {
  return `${address} ${port} ${name.toLowerCase()}`
}
