import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Clock, Millis } from '../../../platform/clock.ts'
import { systemClock } from '../../../platform/systemClock.ts'
import type { DtlsPeer, Fingerprint, Handshake, HandshakeEvents, Handshakes } from '../handshakes.ts'
import type { Identity } from '../weriftSocket.ts'
import { FarHandshakes } from './handshakesOver.ts'

// `tsc` rewrites the extension of imports, not of URLs: the thread's file is what this one is, source or compiled.
const ENTRY = new URL(`./thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** How long to wait before starting a thread in the place of one that never came up. */
const RESTART_PAUSE: Millis = 1000

/** How long the last close_notify may take to be made. */
const END_WITHIN: Millis = 1000

/** What the thread is born with. */
export interface Born {
  readonly port: MessagePort
  /** Null for the first one: it makes it. */
  readonly identity: Identity | null
}

/** What it says when it has come up. */
export interface Ready {
  readonly identity: Identity
  readonly fingerprint: Fingerprint
}

export interface ThreadedOptions {
  readonly clock?: Clock
  /** A thread is gone, and another takes its place. */
  readonly onDeath?: (cause: unknown) => void
  /** How a thread is started. */
  readonly start?: (born: Born) => Worker
}

/**
 * Handshakes on a thread of their own, which alone loads werift. When it dies those under way fail, and another thread with
 * the same certificate takes its place. Rejects if the first one does not come up.
 */
export async function createThreadedHandshakes(options: ThreadedOptions = {}): Promise<Handshakes> {
  const { port1, port2 } = new MessageChannel()
  const worker = (options.start ?? start)({ port: port2, identity: null })
  const ready = await new Promise<Ready>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread of the DTLS handshakes ended with code ${code}`)))
  })
  return new ThreadedHandshakes(worker, port1, ready, options)
}

function start(born: Born): Worker {
  return new Worker(ENTRY, { workerData: born, transferList: [born.port], name: 'dtls' })
}

class ThreadedHandshakes implements Handshakes {
  readonly fingerprint: Fingerprint
  readonly #identity: Identity
  readonly #clock: Clock
  readonly #onDeath: (cause: unknown) => void
  readonly #start: (born: Born) => Worker
  #worker: Worker
  #far: FarHandshakes
  #isClosed = false

  constructor(worker: Worker, port: MessagePort, { identity, fingerprint }: Ready, options: ThreadedOptions) {
    this.fingerprint = fingerprint
    this.#identity = identity
    this.#clock = options.clock ?? systemClock
    this.#onDeath = options.onDeath ?? (() => {})
    this.#start = options.start ?? start
    this.#worker = worker
    this.#far = new FarHandshakes(port, fingerprint)
    this.#watch(worker, true)
  }

  begin(peer: DtlsPeer, events: HandshakeEvents): Handshake {
    return this.#far.begin(peer, events)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#far.close()
    const late = this.#clock.after(END_WITHIN, () => void this.#worker.terminate())
    this.#far.whenEmpty(() => {
      late.cancel()
      void this.#worker.terminate()
    })
  }

  #watch(worker: Worker, hasComeUp: boolean): void {
    let isUp = hasComeUp
    let cause: unknown = null
    worker.once('message', () => {
      isUp = true
    })
    worker.on('error', (error) => {
      cause = error
    })
    worker.once('exit', () => {
      if (this.#isClosed) return
      this.#onDeath(cause)
      if (isUp) this.#restart()
      else this.#clock.after(RESTART_PAUSE, () => this.#restart())
    })
  }

  #restart(): void {
    if (this.#isClosed) return
    const { port1, port2 } = new MessageChannel()
    this.#worker = this.#start({ port: port2, identity: this.#identity })
    this.#far = new FarHandshakes(port1, this.fingerprint)
    this.#watch(this.#worker, false)
  }
}
