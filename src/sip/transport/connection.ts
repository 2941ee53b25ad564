import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import type { Endpoint, TcpConnection } from '../../platform/network.ts'
import type { Malformed } from '../message/message.ts'
import { type Flow, isWebSocket, type Protocol } from './flow.ts'
import { type Framer, StreamFramer, wholeMessages } from './framing.ts'

/** Octets a peer may leave untaken before we call it dead. */
const MOST_PENDING = 1 << 20
/**
 * A connection that has not brought one whole message by then is nobody's: 64·T1. A WebSocket has to bring a phone that
 * could prove who it is: any page that somebody looks at can open one.
 */
const FIRST_MESSAGE_WITHIN: Millis = 32_000
/** After this without a message, and with nobody that asked for it to be kept, a connection is closed. */
const IDLE_AFTER: Millis = 180_000
/** RFC 5626 §4.4.1: the pong. */
const PONG = Buffer.from('\r\n')

export interface ConnectionEvents {
  /** One whole message. `bytes` belong to the callee. */
  message(bytes: Uint8Array, flow: ConnectionFlow): void
  /** Where the next message begins can't be told any more; the connection is closed after this. */
  broken(malformed: Malformed, flow: ConnectionFlow): void
}

/** A SIP peer on a connection over TCP or TLS, or a WebSocket, whoever opened it: framing, keepalive, and the end of idle ones. */
export class ConnectionFlow implements Flow {
  readonly protocol: Protocol
  readonly reliable = true
  #advertised: Endpoint
  readonly #connection: TcpConnection
  readonly #clock: Clock
  readonly #events: ConnectionEvents
  readonly #framer: Framer
  readonly #whenClosed = new Set<(cause?: Error) => void>()
  readonly #holds = new Set<symbol>()
  #open = true
  #roundTrip: Millis | null = null
  /** Whether messages alone keep it open for now. */
  #trusted: boolean
  #idleAt: Millis
  #heardAt: Millis
  #pongedAt: Millis = Number.NEGATIVE_INFINITY
  /** The longest silence that the peer has promised. */
  #silence: Millis | null = null
  #timer: Timer

  constructor(
    protocol: Protocol,
    connection: TcpConnection,
    advertised: Endpoint,
    clock: Clock,
    events: ConnectionEvents,
  ) {
    this.protocol = protocol
    this.#connection = connection
    this.#advertised = advertised
    this.#clock = clock
    this.#events = events
    this.#framer = isWebSocket(protocol) ? wholeMessages : new StreamFramer()
    this.#trusted = !isWebSocket(protocol)
    this.#heardAt = clock.now()
    this.#idleAt = clock.now() + FIRST_MESSAGE_WITHIN
    this.#timer = clock.after(FIRST_MESSAGE_WITHIN, () => this.#closeIfIdle())
    connection.onData((bytes) => this.#take(bytes))
    connection.onClosed((cause) => this.#closed(cause))
  }

  get advertised(): Endpoint {
    return this.#advertised
  }

  /** The peer finds us there from now on. */
  readvertise(at: Endpoint): void {
    this.#advertised = at
  }

  get local(): Endpoint {
    return this.#connection.local
  }

  get remote(): Endpoint {
    return this.#connection.remote
  }

  get open(): boolean {
    return this.#open
  }

  get roundTrip(): Millis | null {
    return this.#roundTrip
  }

  /** Whether somebody needs it now, see `hold`. */
  get held(): boolean {
    return this.#holds.size > 0
  }

  /** When anything came last, clock time, ms. */
  get heardAt(): Millis {
    return this.#heardAt
  }

  /** When a pong came last, clock time, ms; -Infinity: none did. */
  get pongedAt(): Millis {
    return this.#pongedAt
  }

  send(bytes: Uint8Array, failed?: (cause: Error) => void): void {
    if (!this.#open) {
      failed?.(new Error('the connection is closed'))
    } else if (this.#connection.pending > MOST_PENDING) {
      failed?.(new Error('the peer takes nothing any more'))
      this.close()
    } else {
      this.#connection.write(bytes)
    }
  }

  onClosed(run: (cause?: Error) => void): () => void {
    this.#whenClosed.add(run)
    return () => this.#whenClosed.delete(run)
  }

  keepUntil(until: Millis): void {
    this.#trusted = true
    this.#idleAt = Math.max(this.#idleAt, until)
  }

  expectEvery(span: Millis): void {
    if (!this.#open) return
    this.#silence = span
    this.#timer.cancel()
    this.#closeIfIdle()
  }

  hold(): () => void {
    const mark = Symbol()
    this.#trusted = true
    this.#holds.add(mark)
    return () => {
      if (this.#holds.delete(mark)) this.keepUntil(this.#clock.now() + IDLE_AFTER)
    }
  }

  /** Ends the connection once what was sent is out; nothing more is sent or taken. */
  close(): void {
    this.#open = false
    this.#connection.close()
  }

  /** The peer has answered a ping of the transport's own after `roundTrip` ms. */
  answered(roundTrip: Millis): void {
    this.#heardAt = this.#clock.now()
    this.#roundTrip = roundTrip
  }

  #take(bytes: Uint8Array): void {
    if (!this.#open) return
    this.#heardAt = this.#clock.now()
    if (isPong(bytes)) this.#pongedAt = this.#heardAt
    for (const piece of this.#framer.push(bytes)) {
      if (!this.#open) return
      if (piece.kind === 'ping') this.send(PONG)
      else if (piece.kind === 'message') this.#message(piece.bytes)
      else {
        this.#events.broken(piece.malformed, this)
        this.close()
        return
      }
    }
  }

  #message(bytes: Uint8Array): void {
    if (this.#trusted) this.keepUntil(this.#clock.now() + IDLE_AFTER)
    this.#events.message(bytes, this)
  }

  #closeIfIdle(): void {
    const now = this.#clock.now()
    const idle = this.#holds.size > 0 ? IDLE_AFTER : this.#idleAt - now
    const left = this.#silence === null ? idle : Math.min(idle, this.#heardAt + this.#silence - now)
    if (left <= 0) this.close()
    else this.#timer = this.#clock.after(left, () => this.#closeIfIdle())
  }

  #closed(cause?: Error): void {
    this.#open = false
    this.#timer.cancel()
    for (const run of this.#whenClosed) run(cause)
    this.#whenClosed.clear()
  }
}

// It may stand beside something else; then the next one says the same.
function isPong(bytes: Uint8Array): boolean {
  return bytes.length === 2 && bytes[0] === 0x0d && bytes[1] === 0x0a
}
