import type { Clock, Millis, Timer } from '../../src/platform/clock.ts'
import type { Endpoint, Network, OnDatagram, UdpSocket } from '../../src/platform/network.ts'

// A clock and a network without queues or promises: what is delivered has been dealt with when `deliver` returns, so that the
// time of each packet can be taken, and ten million of them take minutes.

interface Pending {
  readonly due: Millis
  readonly run: () => void
}

/** Time that moves only when told to. */
export class StepClock implements Clock {
  #now: Millis = 0
  #pending: Pending[] = []
  #turn: (() => void)[] = []
  readonly #startedAt = Date.UTC(2026, 0, 5, 9, 0, 0)

  now(): Millis {
    return this.#now
  }

  wall(): Date {
    return new Date(this.#startedAt + this.#now)
  }

  after(delay: Millis, run: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, delay), run }
    this.#pending.push(timer)
    return { cancel: () => this.#remove(timer) }
  }

  endOfTurn(run: () => void): void {
    this.#turn.push(run)
  }

  /** Timers that have neither fired nor been cancelled. */
  get timers(): number {
    return this.#pending.length
  }

  /** Runs what waits for the end of the turn. */
  finishTurn(): void {
    for (let next = this.#turn.shift(); next; next = this.#turn.shift()) next()
  }

  /** Moves time by `span` ms and runs all that falls due, in its order. */
  advance(span: Millis): void {
    const end = this.#now + span
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#remove(next)
      this.#now = next.due
      next.run()
      this.finishTurn()
    }
    this.#now = end
  }

  #next(end: Millis): Pending | null {
    let first: Pending | null = null
    for (const timer of this.#pending) if (timer.due <= end && (first === null || timer.due < first.due)) first = timer
    return first
  }

  #remove(timer: Pending): void {
    const at = this.#pending.indexOf(timer)
    if (at >= 0) this.#pending.splice(at, 1)
  }
}

/** Told of each datagram that leaves one of our sockets. */
export type OnSent = (from: Endpoint, to: Endpoint, bytes: Uint8Array) => void

/** The sockets of one host, which deliver within the call. */
export class DirectNetwork {
  readonly #sockets = new Map<number, OnDatagram>()
  readonly #onSent: OnSent

  constructor(onSent: OnSent) {
    this.#onSent = onSent
  }

  get sockets(): number {
    return this.#sockets.size
  }

  /** Gives `bytes`, which the receiver may keep, to the socket at `port`; nothing happens where there is none. */
  deliver(port: number, bytes: Uint8Array, from: Endpoint): void {
    this.#sockets.get(port)?.(bytes, from)
  }

  get network(): Network {
    const nothing = () => Promise.reject(new Error('UDP only'))
    return {
      bindUdp: async (at, onDatagram) => this.#bind(at, onDatagram),
      listenTcp: nothing,
      connectTcp: nothing,
      connectTls: nothing,
      refusesUdp: nothing,
      sourceFor: nothing,
      interfaces: () => [],
    }
  }

  #bind(local: Endpoint, onDatagram: OnDatagram): UdpSocket {
    if (this.#sockets.has(local.port)) throw Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' })
    this.#sockets.set(local.port, onDatagram)
    const sockets = this.#sockets
    return {
      local,
      get open() {
        return sockets.get(local.port) === onDatagram
      },
      send: (bytes, to) => {
        if (sockets.get(local.port) === onDatagram) this.#onSent(local, to, bytes)
      },
      close: () => {
        if (sockets.get(local.port) === onDatagram) sockets.delete(local.port)
      },
    }
  }
}
