import type { Endpoint } from '../../platform/network.ts'
import type { ConnectionFlow } from './connection.ts'
import type { Protocol } from './flow.ts'

/** Open connections in all, and from one address outside our own networks. */
const MOST_CONNECTIONS = 20_000
const MOST_FROM_ONE_ADDRESS = 200

/** The open connections: found again by their peer, and counted, so that no one takes them all. */
export class Connections {
  readonly #open = new Set<ConnectionFlow>()
  /** The one to reuse for a peer: the newest. */
  readonly #byPeer = new Map<string, ConnectionFlow>()
  readonly #perAddress = new Map<string, number>()

  get size(): number {
    return this.#open.size
  }

  /** Whether another connection from `address` may come in; `stranger`: it is none of our own networks. */
  hasRoomFor(address: string, stranger: boolean): boolean {
    if (this.size >= MOST_CONNECTIONS) return false
    return !stranger || (this.#perAddress.get(address) ?? 0) < MOST_FROM_ONE_ADDRESS
  }

  /** The connection to a peer; null if there is none open. */
  to(protocol: Protocol, remote: Endpoint): ConnectionFlow | null {
    const flow = this.#byPeer.get(peerKey(protocol, remote))
    return flow?.open ? flow : null
  }

  /** Keeps a connection until it closes. */
  add(flow: ConnectionFlow): void {
    this.#open.add(flow)
    this.#byPeer.set(peerKey(flow.protocol, flow.remote), flow)
    this.#count(flow.remote.address, 1)
    flow.onClosed(() => this.#forget(flow))
  }

  all(): Iterable<ConnectionFlow> {
    return this.#open
  }

  /** Closes those of an address of ours that is gone. */
  closeAt(local: string): void {
    for (const flow of this.#open) if (flow.local.address === local) flow.close()
  }

  close(): void {
    for (const flow of this.#open) flow.close()
  }

  #forget(flow: ConnectionFlow): void {
    const key = peerKey(flow.protocol, flow.remote)
    this.#open.delete(flow)
    if (this.#byPeer.get(key) === flow) this.#byPeer.delete(key)
    this.#count(flow.remote.address, -1)
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#perAddress.get(address) ?? 0) + change
    if (count > 0) this.#perAddress.set(address, count)
    else this.#perAddress.delete(address)
  }
}

function peerKey(protocol: Protocol, remote: Endpoint): string {
  return `${protocol} ${remote.address} ${remote.port}`
}
