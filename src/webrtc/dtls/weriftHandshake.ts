import type { Clock, Millis, Timer } from '../../platform/clock.ts'
import { systemRandom } from '../../platform/random.ts'
import { CLOSE_NOTIFY, FATAL, HANDSHAKE_FAILURE, WARNING } from './alert.ts'
import { Attempt } from './attempt.ts'
import type { DtlsPeer, Handshake, HandshakeEvents } from './handshakes.ts'
import { type Record, readRecords } from './record.ts'
import type { Identity, Werift } from './weriftSocket.ts'

/** How long a handshake may take: ICE has found a path already, and a lost flight comes again after 1 s, then 2 s, then 4 s. */
export const HANDSHAKE_TIMEOUT: Millis = 15_000
/** What may come until the connection stands: a browser needs 3 kB in ten records, and each again when one is lost. */
export const MAX_OCTETS = 65_536
export const MAX_RECORDS = 300
/** How often a peer may begin anew: its own implementation may have been restarted, or a stranger was faster. */
const MAX_RESTARTS = 1

export interface HandshakeTools {
  readonly werift: Werift
  readonly identity: Identity
  readonly clock: Clock
}

/** A handshake with all that bounds what it costs: time, octets, records, restarts. */
export class WeriftHandshake implements Handshake {
  readonly #tools: HandshakeTools
  readonly #peer: DtlsPeer
  readonly #events: HandshakeEvents
  readonly #over: () => void
  readonly #timer: Timer
  #state: 'shaking' | 'connected' | 'over' = 'shaking'
  /** The same for each attempt: the peer may have got the one that a stranger asked for. */
  readonly #cookie = systemRandom.bytes(20)
  #attempt: Attempt | null = null
  #restarts = 0
  #octets = 0
  #records = 0

  /** `over` is called once, when nothing can happen any more. */
  constructor(tools: HandshakeTools, peer: DtlsPeer, events: HandshakeEvents, over: () => void) {
    this.#tools = tools
    this.#peer = peer
    this.#events = events
    this.#over = over
    this.#timer = tools.clock.after(HANDSHAKE_TIMEOUT, () =>
      this.#fail('the peer did not finish the DTLS handshake in time'),
    )
    // A client sends at once, which nobody expects before `begin` has returned.
    queueMicrotask(() => {
      if (this.#state !== 'over') this.#attempt ??= this.#begin()
    })
  }

  take(datagram: Uint8Array): void {
    const records = readRecords(datagram)
    if (!this.#isAffordable(datagram.length, records.length)) return
    for (const record of records) {
      if (this.#state === 'over') return
      this.#take(record)
    }
  }

  close(): void {
    if (this.#state === 'over') return
    if (this.#state === 'connected') this.#alert(WARNING, CLOSE_NOTIFY)
    this.#end()
  }

  #begin(): Attempt {
    const { werift, identity } = this.#tools
    const { role } = this.#peer
    return new Attempt(
      werift,
      this.#peer,
      { role, identity, cookie: this.#cookie },
      {
        send: (datagram) => this.#events.send(datagram),
        failed: (reason) => this.#fail(reason),
        done: (keys) => {
          this.#state = 'connected'
          this.#timer.cancel()
          this.#events.done(keys)
        },
        closed: () => {
          this.#end()
          this.#events.closed()
        },
      },
    )
  }

  #isAffordable(octets: number, records: number): boolean {
    if (this.#state !== 'shaking') return this.#state === 'connected'
    this.#octets += octets
    this.#records += records
    if (this.#octets <= MAX_OCTETS && this.#records <= MAX_RECORDS) return true
    this.#fail('the peer sent too much before it finished the DTLS handshake')
    return false
  }

  #take(record: Record): void {
    this.#attempt ??= this.#begin()
    if (this.#attempt.isAnother(record)) {
      if (this.#restarts++ >= MAX_RESTARTS) return
      this.#attempt.stop()
      this.#attempt = this.#begin()
    }
    this.#attempt.take(record)
  }

  #fail(reason: string): void {
    if (this.#state === 'over') return
    this.#alert(FATAL, HANDSHAKE_FAILURE)
    this.#end()
    this.#events.failed(reason)
  }

  #alert(level: number, description: number): void {
    if (this.#attempt) this.#events.send(this.#attempt.alert(level, description))
  }

  #end(): void {
    this.#state = 'over'
    this.#timer.cancel()
    this.#attempt?.stop()
    this.#over()
  }
}
