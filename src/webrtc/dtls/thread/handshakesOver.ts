import type { MessagePort } from 'node:worker_threads'
import type { DtlsPeer, Fingerprint, Handshake, HandshakeEvents, Handshakes } from '../handshakes.ts'
import type { Command, Told } from './protocol.ts'

/**
 * Datagrams of one handshake that cross the port: what is too much for the other side is found there, and this bounds what
 * waits in the port meanwhile.
 */
export const MAX_DATAGRAMS = 1000

const GONE = 'the thread of the DTLS handshakes has ended'

/**
 * Handshakes that are made at the other end of `port` (`serveHandshakes`), with a certificate of this fingerprint. When that
 * end is gone, those that wait have failed, and so has each new one.
 */
export function handshakesOver(port: MessagePort, fingerprint: Fingerprint): Handshakes {
  return new FarHandshakes(port, fingerprint)
}

/** `Handshakes` that also tells when the other end has no more to say of them. */
export class FarHandshakes implements Handshakes {
  readonly fingerprint: Fingerprint
  readonly #port: MessagePort
  readonly #open = new Map<number, FarHandshake>()
  #last = 0
  #emptied: () => void = () => {}
  #isGone = false

  constructor(port: MessagePort, fingerprint: Fingerprint) {
    this.fingerprint = fingerprint
    this.#port = port
    port.on('message', (told: Told) => this.#hear(told))
    port.once('close', () => {
      this.#isGone = true
      for (const handshake of [...this.#open.values()]) handshake.lost()
      this.#open.clear()
      this.#emptied()
    })
  }

  begin(peer: DtlsPeer, events: HandshakeEvents): Handshake {
    const id = ++this.#last
    const handshake = new FarHandshake(id, events, (command) => this.#port.postMessage(command))
    if (this.#isGone) queueMicrotask(() => handshake.lost())
    else this.#open.set(id, handshake)
    this.#port.postMessage({ type: 'begin', id, peer } satisfies Command)
    return handshake
  }

  close(): void {
    for (const handshake of this.#open.values()) handshake.close()
  }

  /** Calls `run` once no handshake is left, those that are being closed included. */
  whenEmpty(run: () => void): void {
    this.#emptied = run
    if (this.#open.size === 0) run()
  }

  #hear(told: Told): void {
    const handshake = this.#open.get(told.id)
    if (told.type !== 'send' && told.type !== 'done') this.#open.delete(told.id)
    handshake?.hear(told)
    if (this.#open.size === 0) this.#emptied()
  }
}

class FarHandshake implements Handshake {
  readonly #id: number
  readonly #events: HandshakeEvents
  readonly #post: (command: Command) => void
  #state: 'shaking' | 'connected' | 'closing' | 'over' = 'shaking'
  #datagrams = 0

  constructor(id: number, events: HandshakeEvents, post: (command: Command) => void) {
    this.#id = id
    this.#events = events
    this.#post = post
  }

  take(datagram: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'over' || this.#datagrams++ >= MAX_DATAGRAMS) return
    // A copy of its own memory: what is posted of a view is all that it is a view of.
    this.#post({ type: 'take', id: this.#id, datagram: Uint8Array.from(datagram) })
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'over') return
    // The close_notify of a connection is still to come; of a handshake, nothing is.
    this.#state = this.#state === 'connected' ? 'closing' : 'over'
    this.#post({ type: 'close', id: this.#id })
  }

  hear(told: Told): void {
    if (this.#state === 'over') return
    if (told.type === 'send') return this.#events.send(told.datagram)
    const isClosing = this.#state === 'closing'
    this.#state = told.type === 'done' ? 'connected' : 'over'
    if (isClosing) return
    if (told.type === 'done') this.#events.done(told.keys)
    if (told.type === 'failed') this.#events.failed(told.reason)
    if (told.type === 'closed') this.#events.closed()
  }

  /** The other end is gone: a connection that stands needs it no more. */
  lost(): void {
    const isWaiting = this.#state === 'shaking'
    this.#state = 'over'
    if (isWaiting) this.#events.failed(GONE)
  }
}
