/** An IP address (no brackets, IPv4-mapped IPv6 written as IPv4) and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** A bound UDP socket. */
export interface UdpSocket {
  readonly local: Endpoint
  /** Whether it was not closed yet. */
  readonly open: boolean
  /** Sends one datagram. `failed` hears of a send that the system refused; what gets lost on the way is silent. */
  send(bytes: Uint8Array, to: Endpoint, failed?: (cause: Error) => void): void
  close(): void
}

/** Called for each datagram. `bytes` belongs to the callee; `from` may be kept. */
export type OnDatagram = (bytes: Uint8Array, from: Endpoint) => void

/** One TCP connection, ours or a peer's. Handlers are set once, right after it was made. */
export interface TcpConnection {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Octets that were written and not yet taken by the system. */
  readonly pending: number
  write(bytes: Uint8Array): void
  /** Sends what is pending, then closes. */
  close(): void
  onData(run: (bytes: Uint8Array) => void): void
  /** Called exactly once, with the error that ended it if one did. */
  onClosed(run: (cause?: Error) => void): void
}

export interface TcpListener {
  readonly local: Endpoint
  close(): void
}

/**
 * The sockets that `sip/`, `rtp/` and `media/` know. Port 0 picks a free port. A bind that fails rejects with the
 * system's error (`code` EADDRINUSE, EADDRNOTAVAIL, EACCES).
 */
export interface Network {
  /** `backlog`: octets that may wait until they are read; the system may allow less. Left out, its own default. */
  bindUdp(at: Endpoint, onDatagram: OnDatagram, backlog?: number): Promise<UdpSocket>
  listenTcp(at: Endpoint, onConnection: (connection: TcpConnection) => void): Promise<TcpListener>
  /** Connects to `to`, from local address `from` if given; rejects when refused or not up within `timeout` ms. */
  connectTcp(to: Endpoint, options: { from?: string; timeout: number }): Promise<TcpConnection>
  /**
   * Connects to `to` over TLS, from local address `from` if given; rejects when refused, not up within `timeout` ms, or
   * when the peer cannot prove that it is `name` (RFC 5922), a domain or an address. `connectionProblem` has the words.
   */
  connectTls(to: Endpoint, options: TlsOptions): Promise<TcpConnection>
  /**
   * Whether the host at `to` says that nobody has this UDP port (ICMP port unreachable): asked by a CRLF from a port of
   * its own. No answer within `timeout` ms says nothing, and is false.
   */
  refusesUdp(to: Endpoint, options: { from?: string; timeout: number }): Promise<boolean>
  /** The address of ours that datagrams to `address` leave from; null: there is no way to it. */
  sourceFor(address: string): Promise<string | null>
  /** The addresses of this host's interfaces, loopback included, link-local IPv6 left out, with prefix length. */
  interfaces(): readonly InterfaceAddress[]
}

export interface TlsOptions {
  readonly from?: string | undefined
  readonly timeout: number
  /** Who must be at the other end: the domain that the admin named, not the one that a name server put in its place. */
  readonly name: string
}

export interface InterfaceAddress {
  readonly address: string
  readonly family: 4 | 6
  /** The subnet in CIDR notation, as in 192.168.1.7/24. */
  readonly cidr: string
  readonly loopback: boolean
}
