import type { Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Endpoint, Network, UdpSocket } from '../platform/network.ts'
import { listenOnOnePort } from '../platform/onePort.ts'
import { systemCode } from '../platform/systemError.ts'
import { bindingResponse } from './binding.ts'
import { type Rate, RateLimit } from './rateLimit.ts'

/** A browser asks a few times for each of its interfaces, once a call; an office of them may stand behind one address. */
const RATE: Rate = { perSecond: 50, burst: 200, sources: 10_000 }

export interface StunOptions {
  readonly clock: Clock
  readonly network: Network
  readonly log: Log
  /** Whether to hear this address at all. */
  readonly admits: (address: string) => boolean
}

/** What came, since the start. */
export interface StunCounters {
  answered: number
  /** What is no Binding request. */
  malformed: number
  /** What came from a source that sends too much, or that is not heard. */
  ignored: number
}

/**
 * A STUN server (RFC 8489 §12): tells browsers by which address the network knows them. It answers Binding requests and
 * nothing else, with the address alone, so that an answer is never three times as large as what was asked.
 */
export class StunServer {
  readonly counters: StunCounters = { answered: 0, malformed: 0, ignored: 0 }
  readonly #options: StunOptions
  readonly #limit: RateLimit
  readonly #sockets = new Map<string, UdpSocket>()
  #port = 0
  #closed = false

  constructor(options: StunOptions) {
    this.#options = options
    this.#limit = new RateLimit(options.clock, RATE)
  }

  /** Where it listens: one socket for each address, all on one port. */
  get endpoints(): readonly Endpoint[] {
    return [...this.#sockets.values()].map((socket) => socket.local)
  }

  /**
   * Listens on one port of all `addresses`; 0 takes any that is free, and so does a port that cannot be had, which the log
   * then tells. Gives the port, null if there is none to be had: calls do without.
   */
  async listen(addresses: readonly string[], port: number): Promise<number | null> {
    try {
      this.#port = await this.#listenOn(addresses, port)
      return this.#port
    } catch (problem) {
      const other = port === 0 ? null : await this.#listenOn(addresses, 0).catch(() => null)
      this.#port = other ?? 0
      if (other !== null) this.#warn('the port for STUN cannot be used; another was taken', port, problem)
      else this.#warn('no port for STUN can be had: browsers behind a NAT may not hear anything', port, problem)
      return other
    }
  }

  /** Listens on these addresses from now on, on the port of the others. One that cannot be bound is left out. */
  async follow(addresses: readonly string[]): Promise<void> {
    for (const address of this.#sockets.keys()) if (!addresses.includes(address)) this.#closeAt(address)
    if (this.#port === 0) return
    for (const address of addresses) {
      if (this.#closed || this.#sockets.has(address)) continue
      await this.#listenAt({ address, port: this.#port }).catch((error: unknown) => {
        this.#warn(`${address} cannot be listened on for STUN`, this.#port, error)
      })
    }
  }

  close(): void {
    this.#closed = true
    this.#closeAll()
  }

  #listenOn(addresses: readonly string[], port: number): Promise<number> {
    return listenOnOnePort(addresses, port, {
      listenAt: (address, wanted) => this.#listenAt({ address, port: wanted }),
      closeAll: () => this.#closeAll(),
      unavailable: () => {},
    })
  }

  async #listenAt(at: Endpoint): Promise<number> {
    const socket = await this.#options.network.bindUdp(at, (bytes, from) => this.#datagram(socket, bytes, from))
    // It was closed while the system was asked.
    if (this.#closed) socket.close()
    else this.#sockets.set(at.address, socket)
    return socket.local.port
  }

  #datagram(socket: UdpSocket, bytes: Uint8Array, from: Endpoint): void {
    const { counters } = this
    if (!this.#options.admits(from.address) || !this.#limit.take(from.address)) {
      counters.ignored++
      return
    }
    const answer = bindingResponse(bytes, from)
    if (answer === null) {
      counters.malformed++
      return
    }
    counters.answered++
    socket.send(answer, from)
  }

  #closeAt(address: string): void {
    this.#sockets.get(address)?.close()
    this.#sockets.delete(address)
  }

  #closeAll(): void {
    for (const address of this.#sockets.keys()) this.#closeAt(address)
  }

  #warn(message: string, port: number, error: unknown): void {
    const mend = 'choose another with stun-port'
    this.#options.log.warn({ port, code: systemCode(error), mend }, message)
  }
}
