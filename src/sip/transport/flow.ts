import type { Millis } from '../../platform/clock.ts'
import type { Endpoint } from '../../platform/network.ts'

export type Protocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

/**
 * Whether messages come one in each message of a WebSocket (RFC 7118). Such a connection is opened by the phone alone, and
 * leads to whatever opened it and nowhere else: an address beyond it means nothing to us (§5).
 */
export function isWebSocket(protocol: Protocol): boolean {
  return protocol === 'ws' || protocol === 'wss'
}

/**
 * The way to one peer: a local socket and the peer's address (RFC 5626 §3.1 uses the word for just this). Whatever came
 * over a flow is answered over it, and a phone behind NAT is reached only through the flow it registered on.
 */
export interface Flow {
  readonly protocol: Protocol
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Our own address as this peer must write it: what goes into Via, Contact and c=. */
  readonly advertised: Endpoint
  /** Whether the transport repeats for us: transactions then don't (RFC 3261 §17). */
  readonly reliable: boolean
  readonly open: boolean
  /** Of the transport's own last ping, ms; null: it has none, or no answer yet. */
  readonly roundTrip: Millis | null
  /** Sends one message. `failed` hears of a send the system refused; the transaction answers that with a 503. */
  send(bytes: Uint8Array, failed?: (cause: Error) => void): void
  /** Called once when a connection ends; never for a datagram flow. Returns a function that takes the call back. */
  onClosed(run: (cause?: Error) => void): () => void
  /** Keeps a connection open though idle, until `until` (clock time, ms): as long as a registration needs it. */
  keepUntil(until: Millis): void
  /**
   * The peer has promised to say something, be it a keepalive, at least this often: a connection that is silent for
   * longer is dead (RFC 5626 §5.4).
   */
  expectEvery(span: Millis): void
  /** Keeps a connection open though idle, until the function it returns is called: as long as a call needs it. */
  hold(): () => void
}
