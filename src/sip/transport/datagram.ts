import type { Endpoint, UdpSocket } from '../../platform/network.ts'
import type { Flow } from './flow.ts'

/** A UDP peer. Holds no state of its own: two flows between the same endpoints are the same flow. */
export class DatagramFlow implements Flow {
  readonly protocol = 'udp'
  readonly reliable = false
  readonly open = true
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

  send(bytes: Uint8Array, failed?: (cause: Error) => void): void {
    this.#socket.send(bytes, this.remote, failed)
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
