import { MessageChannel } from 'node:worker_threads'
import type { Clock, Millis } from '../../platform/clock.ts'
import type { Log } from '../../platform/log.ts'
import type { PortPool } from '../../rtp/ports/ports.ts'
import type { Handshakes } from '../../webrtc/dtls/handshakes.ts'
import { serveHandshakes } from '../../webrtc/dtls/thread/serveHandshakes.ts'
import {
  type CallId,
  type LegId,
  type LegSpec,
  type LegStats,
  type LinkId,
  type LocalMedia,
  type MediaEngine,
  MediaError,
  type MediaEvent,
  type PlaybackId,
  type RecordingId,
  type RecordSpec,
  type RemoteMedia,
  type RoomId,
  type Sound,
} from '../engine.ts'
import { type Lateness, lateness, newLatenessCells } from '../lateness.ts'
import { madeCodecs } from '../madeCodecs.ts'
import { MediaThread } from './mediaThread.ts'
import { newWakeCell } from './moderation.ts'

/** How long to wait before starting a thread in the place of one that never came up, ms. */
const RESTART_PAUSE = 1000
/** Pairs of sockets that a thread may keep bound: enough for a thousand calls a second. */
const KEPT_PAIRS = 2048
/** All threads together keep at most one in so many of the ports, so that none lacks what another only keeps. */
const KEPT_SHARE = 4

export interface WorkerEngineOptions {
  /** Media threads to run, at least 1. */
  readonly threads: number
  readonly ports: PortPool
  /** Of WebRTC: single ones, apart from those of RTP. */
  readonly webrtcPorts: PortPool
  /** What shakes hands for all threads: asked for once a leg of WebRTC is opened, and somebody else's to close. */
  readonly handshakes: () => Promise<Handshakes>
  /** Addresses that reach this host, its external one included. */
  readonly ownAddresses: readonly string[]
  readonly clock: Clock
  readonly log: Log
}

/**
 * The media engine on worker threads. A call goes to the thread with the fewest legs and stays there. A thread that
 * dies takes its legs with it ('ended'), and another takes its place.
 */
export function createWorkerEngine(options: WorkerEngineOptions): MediaEngine {
  return new WorkerEngine(options)
}

/** A call with its legs on one thread. */
interface Call {
  readonly id: CallId
  readonly thread: MediaThread
  readonly links: LinkId[]
  /** Legs open or about to be. */
  legs: number
}

class WorkerEngine implements MediaEngine {
  readonly codecs = madeCodecs()
  readonly #options: WorkerEngineOptions
  readonly #threads = new Set<MediaThread>()
  readonly #calls = new Map<CallId, Call>()
  readonly #legs = new Map<LegId, Call>()
  readonly #links = new Map<LinkId, readonly Call[]>()
  /** Where playbacks and recordings are, until they are over. */
  readonly #running = new Map<PlaybackId | RecordingId, MediaThread>()
  readonly #listeners = new Set<(event: MediaEvent) => void>()
  #ownAddresses: readonly string[]
  #lastOwner = 0
  #isShut = false

  constructor(options: WorkerEngineOptions) {
    this.#options = options
    this.#ownAddresses = options.ownAddresses
    for (let started = 0; started < options.threads; started++) this.#start()
  }

  follow(ownAddresses: readonly string[]): void {
    this.#ownAddresses = ownAddresses
    for (const thread of this.#threads) thread.post({ type: 'follow', ownAddresses })
  }

  get legs(): number {
    return this.#legs.size
  }

  get late(): Lateness {
    return lateness([...this.#threads].map(({ late }) => late))
  }

  async open(specs: readonly LegSpec[]): Promise<readonly LocalMedia[]> {
    const [first] = specs
    if (!first) return []
    for (const { id, call } of specs) {
      if (this.#legs.has(id)) throw new Error(`leg ${id} is open already`)
      if (call !== first.call) throw new Error(`legs of calls ${first.call} and ${call} in one open`)
    }
    const call = this.#calls.get(first.call) ?? this.#place(first.call)
    this.#count(call, specs.length)
    try {
      if (specs.some(({ secure }) => secure)) await this.#secure(call.thread)
      const media = await call.thread.open(specs)
      for (const { id } of specs) this.#legs.set(id, call)
      return media
    } catch (error) {
      this.#count(call, -specs.length)
      throw error
    }
  }

  update(leg: LegId, remote: RemoteMedia): void {
    this.#legs.get(leg)?.thread.post({ type: 'update', leg, remote })
  }

  link(id: LinkId, a: LegId, b: LegId): void {
    const call = this.#legs.get(a)
    const other = this.#legs.get(b)
    if (!call || !other) return
    this.#links.set(id, [call, other])
    for (const each of new Set([call, other])) each.links.push(id)
    if (call.thread === other.thread) return call.thread.post({ type: 'link', id, a, b })
    const { port1, port2 } = new MessageChannel()
    call.thread.linkFar(id, a, port1)
    other.thread.linkFar(id, b, port2)
  }

  unlink(id: LinkId): void {
    const threads = (this.#links.get(id) ?? []).map(({ thread }) => thread)
    for (const thread of new Set(threads)) thread.post({ type: 'unlink', id })
    this.#links.delete(id)
  }

  play(id: PlaybackId, leg: LegId, sound: Sound): void {
    const call = this.#legs.get(leg)
    if (!call) return
    this.#running.set(id, call.thread)
    call.thread.post({ type: 'play', id, leg, sound })
  }

  stop(id: PlaybackId | RecordingId): void {
    this.#running.get(id)?.post({ type: 'stop', id })
  }

  record(id: RecordingId, of: LegId | LinkId, spec: RecordSpec): void {
    const call = this.#legs.get(of) ?? this.#links.get(of)?.[0]
    if (!call) return
    this.#running.set(id, call.thread)
    call.thread.post({ type: 'record', id, of, spec })
  }

  mix(room: RoomId, leg: LegId): void {
    this.#legs.get(leg)?.thread.post({ type: 'mix', room, leg })
  }

  unmix(leg: LegId): void {
    this.#legs.get(leg)?.thread.post({ type: 'unmix', leg })
  }

  sendDtmf(leg: LegId, digits: string, duration?: Millis): void {
    this.#legs.get(leg)?.thread.post({ type: 'keys', leg, digits, duration })
  }

  async stats(leg: LegId): Promise<LegStats | null> {
    return this.#legs.get(leg)?.thread.ask('stats', leg) ?? null
  }

  async close(leg: LegId): Promise<LegStats | null> {
    const call = this.#legs.get(leg)
    if (!call) return null
    this.#legs.delete(leg)
    this.#count(call, -1)
    return call.thread.ask('close', leg)
  }

  on(run: (event: MediaEvent) => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    await Promise.all([...this.#threads].map((thread) => thread.stop()))
  }

  #start(): void {
    if (this.#isShut) return
    const { threads, ports, webrtcPorts, clock } = this.#options
    const ownAddresses = this.#ownAddresses
    const owner = ++this.#lastOwner
    const keptPairs = Math.min(KEPT_PAIRS, Math.floor(ports.pairs / (KEPT_SHARE * threads)))
    const cells = { wakeCell: newWakeCell(), late: newLatenessCells() }
    const data = { ports: ports.memory, webrtcPorts: webrtcPorts.memory, owner, keptPairs, ownAddresses, ...cells }
    const thread = new MediaThread(data, clock, {
      onEvent: (event) => this.#emit(event),
      onDeath: (reason, cause) => this.#bury(thread, reason, cause),
    })
    this.#threads.add(thread)
  }

  async #secure(thread: MediaThread): Promise<void> {
    const handshakes = await this.#options.handshakes().catch((cause: unknown) => {
      throw new MediaError('NO_WEBRTC', `WebRTC cannot be used: ${cause instanceof Error ? cause.message : cause}`)
    })
    if (thread.isSecure) return
    thread.isSecure = true
    const { port1, port2 } = new MessageChannel()
    serveHandshakes(port1, handshakes)
    thread.giveHandshakes(port2, handshakes.fingerprint)
  }

  #place(id: CallId): Call {
    const [thread] = [...this.#threads].sort((one, other) => one.load - other.load)
    if (!thread) throw new MediaError('CLOSED', 'no media thread is running')
    const call = { id, thread, links: [], legs: 0 }
    this.#calls.set(id, call)
    return call
  }

  #count(call: Call, legs: number): void {
    call.legs += legs
    call.thread.load += legs
    if (call.legs === 0) this.#forget(call)
  }

  #forget(call: Call): void {
    if (this.#calls.get(call.id) === call) this.#calls.delete(call.id)
    for (const link of call.links) this.#links.delete(link)
  }

  #bury(thread: MediaThread, reason: string, cause: unknown): void {
    const { ports, webrtcPorts, clock, log } = this.#options
    this.#threads.delete(thread)
    for (const pool of [ports, webrtcPorts]) pool.releaseAll(thread.owner, clock.wall())
    const orphans = [...this.#legs].filter(([, call]) => call.thread === thread)
    for (const [leg, call] of orphans) {
      this.#legs.delete(leg)
      this.#forget(call)
    }
    for (const call of this.#calls.values()) if (call.thread === thread) this.#forget(call)
    for (const [id, at] of this.#running) if (at === thread) this.#running.delete(id)
    if (this.#isShut) return
    log.error({ err: cause, reason, legs: orphans.length }, 'a media thread died')
    for (const [leg] of orphans) for (const run of this.#listeners) run({ type: 'ended', leg, reason })
    if (thread.isReady) this.#start()
    else clock.after(RESTART_PAUSE, () => this.#start())
  }

  #emit(event: MediaEvent): void {
    if (event.type === 'finished' || event.type === 'recorded') this.#running.delete(event.id)
    // A leg may be closed while its event is under way.
    if (!this.#legs.has(event.leg)) return
    for (const run of this.#listeners) run(event)
  }
}
