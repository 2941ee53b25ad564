import type { Clock, Millis } from '../../../src/platform/clock.ts'
import type {
  Endpoint,
  InterfaceAddress,
  Network,
  OnDatagram,
  TcpConnection,
  TcpListener,
  UdpSocket,
} from '../../../src/platform/network.ts'
import { seededRandom } from './random.ts'

export interface Impairment {
  /** One-way delay of each packet, ms. */
  readonly delay: Millis
  /** Added to `delay`, uniformly from [0, jitter) ms: reorders when it exceeds the packets' distance. */
  readonly jitter: Millis
  /** Fractions of datagrams, 0–1. */
  readonly loss: number
  readonly duplicate: number
}

const PERFECT: Impairment = { delay: 1, jitter: 0, loss: 0, duplicate: 0 }

/** A host's view of the network: what `Network` gives, bound to this host's addresses. */
export interface VirtualHost extends Network {
  /** Of its interfaces: what is put in or taken out is so for the host, too. */
  readonly addresses: string[]
}

/** Networks in memory, with delay and seeded loss, on a virtual clock. Datagrams to nobody vanish, as on the real one. */
export class VirtualNetwork {
  readonly #clock: Clock
  readonly #random: ReturnType<typeof seededRandom>
  readonly #sockets = new Map<string, OnDatagram>()
  readonly #listeners = new Map<string, (connection: TcpConnection) => void>()
  #ephemeral = 40000
  impairment: Impairment = PERFECT
  /** Addresses that swallow whatever is sent there: a host that went away without a word. */
  readonly unreachable = new Set<string>()
  /** Addresses that the system refuses to send to: EHOSTUNREACH, as after an ICMP error. */
  readonly noRouteTo = new Set<string>()
  /** Why TLS with whoever listens at `to` fails when it has to be `name`: a code of the system; null: it does not. */
  tlsProblem: (to: Endpoint, name: string) => string | null = () => null
  /** The router before a host that the internet knows by another address, all its ports forwarded. */
  router: {
    readonly inside: string
    readonly outside: string
    /** An address that leads in as well: that of before, for who has not heard of the new one. */
    readonly former?: string | undefined
    isLocal(address: string): boolean
  } | null = null
  /**
   * Every datagram handed to the network, for tests that look at the wire. `delays`: after how many ms each copy of it
   * will arrive; empty for one that is lost.
   */
  onPacket: (from: Endpoint, to: Endpoint, bytes: Uint8Array, delays: readonly Millis[]) => void = () => {}

  constructor(clock: Clock, seed = 1) {
    this.#clock = clock
    this.#random = seededRandom(seed)
  }

  /** Open sockets and listeners: what a leak test counts. */
  get sockets(): number {
    return this.#sockets.size + this.#listeners.size
  }

  /** A host with these addresses; the first one is its default. */
  host(...addresses: string[]): VirtualHost {
    return {
      addresses,
      bindUdp: async (at, onDatagram) => this.#bind(this.#place(at, this.#sockets), onDatagram),
      listenTcp: async (at, onConnection) => this.#listen(this.#place(at, this.#listeners), onConnection),
      connectTcp: async (to, { from, timeout }) => {
        if (this.unreachable.has(to.address)) await this.#timesOut(to, timeout)
        return this.#connect(from ?? addresses[0] ?? '10.0.0.1', to)
      },
      connectTls: async (to, { from, timeout, name }) => {
        if (this.unreachable.has(to.address)) await this.#timesOut(to, timeout)
        const code = this.tlsProblem(to, name)
        if (code !== null) throw Object.assign(new Error(code), { code })
        return this.#connect(from ?? addresses[0] ?? '10.0.0.1', to)
      },
      refusesUdp: async (to, { timeout }) => {
        const silent = this.unreachable.has(to.address)
        await new Promise<void>((resolve) => void this.#clock.after(silent ? timeout : 2, resolve))
        return !silent && !this.#sockets.has(key(to))
      },
      sourceFor: async (address) => addresses.find((own) => own.includes(':') === address.includes(':')) ?? null,
      interfaces: () => addresses.map(virtualInterface),
    }
  }

  /** A datagram of somebody who writes `from` as its source, be it there or not. */
  forge(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    this.#datagram(from, to, Buffer.from(bytes))
  }

  #place(at: Endpoint, taken: Map<string, unknown>): Endpoint {
    if (at.port !== 0) {
      if (taken.has(key(at))) throw Object.assign(new Error(`bind EADDRINUSE ${key(at)}`), { code: 'EADDRINUSE' })
      return at
    }
    let port = this.#ephemeral++
    while (taken.has(key({ ...at, port }))) port = this.#ephemeral++
    return { address: at.address, port }
  }

  #bind(local: Endpoint, onDatagram: OnDatagram): UdpSocket {
    this.#sockets.set(key(local), onDatagram)
    const isOpen = (): boolean => this.#sockets.get(key(local)) === onDatagram
    return {
      local,
      get open() {
        return isOpen()
      },
      send: (bytes, to, failed) => {
        if (!isOpen()) return
        if (!this.noRouteTo.has(to.address)) return this.#datagram(local, to, Buffer.from(bytes))
        const cause = Object.assign(new Error(`send EHOSTUNREACH ${key(to)}`), { code: 'EHOSTUNREACH' })
        this.#clock.after(0, () => failed?.(cause))
      },
      close: () => {
        if (isOpen()) this.#sockets.delete(key(local))
      },
    }
  }

  #datagram(sentFrom: Endpoint, sentTo: Endpoint, bytes: Buffer): void {
    const { from, to } = this.#routed(sentFrom, sentTo)
    const delays = this.unreachable.has(to.address) ? [] : this.#delays()
    this.onPacket(from, to, bytes, delays)
    for (const delay of delays) this.#clock.after(delay, () => this.#sockets.get(key(to))?.(Buffer.from(bytes), from))
  }

  #delays(): Millis[] {
    const { delay, jitter, loss, duplicate } = this.impairment
    const delays: Millis[] = []
    const copies = this.#random.fraction() < duplicate ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random.fraction() >= loss) delays.push(delay + this.#random.fraction() * jitter)
    }
    return delays
  }

  #routed(from: Endpoint, to: Endpoint): { from: Endpoint; to: Endpoint } {
    const { router } = this
    if (router && (to.address === router.outside || to.address === router.former))
      return { from, to: { ...to, address: router.inside } }
    const leaves = router && from.address === router.inside && !router.isLocal(to.address)
    return { from: leaves ? { ...from, address: router.outside } : from, to }
  }

  #listen(local: Endpoint, onConnection: (connection: TcpConnection) => void): TcpListener {
    this.#listeners.set(key(local), onConnection)
    return {
      local,
      close: () => {
        this.#listeners.delete(key(local))
      },
    }
  }

  #timesOut(to: Endpoint, timeout: Millis): Promise<never> {
    return new Promise((_, reject) => {
      this.#clock.after(timeout, () => reject(new Error(`connect ETIMEDOUT ${key(to)}`)))
    })
  }

  async #connect(from: string, to: Endpoint): Promise<TcpConnection> {
    const routed = this.#routed({ address: from, port: 0 }, to)
    const accept = this.#listeners.get(key(routed.to))
    if (!accept) throw Object.assign(new Error(`connect ECONNREFUSED ${key(to)}`), { code: 'ECONNREFUSED' })
    const local = { address: from, port: this.#ephemeral++ }
    const near = new VirtualStream(this.#clock, local, to)
    const far = new VirtualStream(this.#clock, routed.to, { ...local, address: routed.from.address })
    near.join(far)
    accept(far)
    return near
  }
}

/** One end of a TCP connection in memory: reliable, in order, 1 ms away. */
class VirtualStream implements TcpConnection {
  readonly pending = 0
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly #clock: Clock
  #peer: VirtualStream | null = null
  #data: (bytes: Uint8Array) => void = () => {}
  #closed: ((cause?: Error) => void) | null = () => {}

  constructor(clock: Clock, local: Endpoint, remote: Endpoint) {
    this.#clock = clock
    this.local = local
    this.remote = remote
  }

  join(peer: VirtualStream): void {
    this.#peer = peer
    peer.#peer = this
  }

  write(bytes: Uint8Array): void {
    const peer = this.#peer
    const copy = Buffer.from(bytes)
    if (peer) this.#clock.after(1, () => peer.#data(copy))
  }

  close(): void {
    this.end()
  }

  /** Ends the connection, as a reset does when `cause` is given. */
  end(cause?: Error): void {
    const peer = this.#peer
    this.#finish(cause)
    if (peer) this.#clock.after(1, () => peer.#finish(cause))
  }

  #finish(cause?: Error): void {
    const closed = this.#closed
    this.#closed = null
    this.#peer = null
    this.#data = () => {}
    if (closed) this.#clock.after(0, () => closed(cause))
  }

  onData(run: (bytes: Uint8Array) => void): void {
    this.#data = run
  }

  onClosed(run: (cause?: Error) => void): void {
    this.#closed = run
  }
}

function key(at: Endpoint): string {
  return `${at.address} ${at.port}`
}

function virtualInterface(address: string): InterfaceAddress {
  const v6 = address.includes(':')
  return { address, family: v6 ? 6 : 4, cidr: `${address}/${v6 ? 64 : 24}`, loopback: false }
}
