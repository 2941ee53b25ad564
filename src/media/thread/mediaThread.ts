import { type MessagePort, Worker } from 'node:worker_threads'
import type { Clock, Millis } from '../../platform/clock.ts'
import {
  type Fingerprint,
  type LegId,
  type LegSpec,
  type LegStats,
  type LinkId,
  type LocalMedia,
  MediaError,
  type MediaEvent,
} from '../engine.ts'
import type { LatenessCells } from '../lateness.ts'
import { Batch } from './batch.ts'
import { wake } from './moderation.ts'
import type { Command, Reply, ThreadData } from './protocol.ts'

// `tsc` rewrites the extension of imports, not of URLs: the thread's file is what this one is, source or compiled.
const ENTRY = new URL(`./thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url)

/** How long a thread has to end itself. */
const END_WITHIN: Millis = 2_000

export interface ThreadHandlers {
  onEvent(event: MediaEvent): void
  /** The thread is gone, by the error `cause` if there was one; all its requests have been answered. */
  onDeath(reason: string, cause: unknown): void
}

interface Pending {
  opened(media: readonly LocalMedia[]): void
  refused(error: MediaError): void
  stats(stats: LegStats | null): void
}

/** One media thread, seen from the signalling thread. */
export class MediaThread {
  /** The number by which the port pool knows it. */
  readonly owner: number
  /** Where it counts how late its turns come. */
  readonly late: LatenessCells
  /** Legs it has or is about to have. */
  load = 0
  /** Whether it was given handshakes. */
  isSecure = false
  /** Whether it came up: in the place of one that did not, none is started at once. */
  isReady = false

  readonly #clock: Clock
  readonly #worker: Worker
  readonly #commands: Batch<Command>
  /** Those that move to the thread with the commands that wait. */
  readonly #ports: MessagePort[] = []
  readonly #pending = new Map<number, Pending>()
  readonly #handlers: ThreadHandlers
  #request = 0
  #cause: unknown

  constructor(data: ThreadData, clock: Clock, handlers: ThreadHandlers) {
    this.owner = data.owner
    this.#clock = clock
    this.late = data.late
    this.#handlers = handlers
    this.#worker = new Worker(ENTRY, { workerData: data, name: `media ${data.owner}` })
    this.#commands = new Batch(clock, (commands) => {
      this.#worker.postMessage(commands, this.#ports.splice(0))
      wake(data.wakeCell)
    })
    this.#worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) this.#take(reply)
    })
    this.#worker.on('error', (error) => {
      this.#cause = error
    })
    this.#worker.once('exit', (code) => this.#die(code))
  }

  post(command: Command): void {
    this.#commands.add(command)
  }

  /** Gives the thread its end of a wire to another one, for its half of link `id`. */
  linkFar(id: LinkId, leg: LegId, port: MessagePort): void {
    this.#ports.push(port)
    this.post({ type: 'linkFar', id, leg, port })
  }

  /** Gives the thread its end of `port`, over which it makes the handshakes of WebRTC. */
  giveHandshakes(port: MessagePort, fingerprint: Fingerprint): void {
    this.#ports.push(port)
    this.post({ type: 'handshakes', port, fingerprint })
  }

  /** Rejects with `MediaError`. */
  open(legs: readonly LegSpec[]): Promise<readonly LocalMedia[]> {
    return new Promise((opened, refused) => {
      this.post({ type: 'open', request: this.#expect({ opened, refused }), legs })
    })
  }

  /** Null if there is no such leg, or the thread dies before it answers. */
  ask(type: 'stats' | 'close', leg: LegId): Promise<LegStats | null> {
    return new Promise((stats) => {
      const command = { type, request: this.#expect({ stats, refused: () => stats(null) }), leg }
      if (type === 'close') this.#commands.addPatient(command)
      else this.#commands.add(command)
    })
  }

  /**
   * Has the thread end itself. `terminate` would stop it in the middle of whatever it does, and a native codec that is stopped
   * so takes the process with it: that is for a thread that does not hear any more.
   */
  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.post({ type: 'end' })
    const patience = this.#clock.after(END_WITHIN, () => void this.#worker.terminate())
    await gone
    patience.cancel()
  }

  #expect(pending: Partial<Pending> & Pick<Pending, 'refused'>): number {
    this.#request++
    this.#pending.set(this.#request, { opened() {}, stats() {}, ...pending })
    return this.#request
  }

  #take(reply: Reply): void {
    switch (reply.type) {
      case 'ready':
        this.isReady = true
        return
      case 'event':
        return this.#handlers.onEvent(reply.event)
      case 'opened':
        return this.#answered(reply.request)?.opened(reply.media)
      case 'refused':
        return this.#answered(reply.request)?.refused(new MediaError(reply.code, reply.message))
      case 'stats':
        return this.#answered(reply.request)?.stats(reply.stats)
      default:
        reply satisfies never
    }
  }

  #answered(request: number): Pending | undefined {
    const pending = this.#pending.get(request)
    this.#pending.delete(request)
    return pending
  }

  #die(code: number): void {
    const cause = this.#cause
    const reason = cause instanceof Error ? cause.message : `media thread ended with code ${code}`
    for (const { refused } of this.#pending.values()) refused(new MediaError('CLOSED', reason))
    this.#pending.clear()
    this.#handlers.onDeath(reason, cause)
  }
}
