import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import type { Flow } from './flow.ts'

/** A UDP peer. Holds no state of its own: two flows between the same endpoints are the same flow. */
export class DatagramFlow implements Flow {
  readonly protocol = 'udp'
  readonly reliable = false
  readonly roundTrip = null
  readonly remote: Endpoint
  readonly advertised: Endpoint
  readonly #socket: UdpSocket

  constructor(socket: UdpSocket, remote: Endpoint, advertised: Endpoint) {
    this.#socket = socket
    this.remote = remote
    this.advertised = advertised
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  /** Whether our end still exists: an address can be taken from its interface. */
  get open(): boolean {
    return this.#socket.open
  }

  send(bytes: Uint8Array, failed?: (cause: Error) => void): void {
    if (this.#socket.open) this.#socket.send(bytes, this.remote, failed)
    else failed?.(new Error(`${this.local.address} is no address of this host any more`))
  }

  onClosed(): () => void {
    return () => {}
  }

  keepUntil(): void {}

  expectEvery(): void {}

  hold(): () => void {
    return () => {}
  }
}
