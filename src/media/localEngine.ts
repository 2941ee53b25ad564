import type { Clock, Millis, Timer } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'
import type { Network } from '../platform/network.ts'
import type { Random } from '../platform/random.ts'
import { peerRule } from '../rtp/peerAddress.ts'
import { PairPool } from '../rtp/ports/pairPool.ts'
import type { PortPool } from '../rtp/ports/ports.ts'
import { RtpLeg } from '../rtp/rtpLeg.ts'
import {
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
} from './engine.ts'
import type { Lateness, LatenessCells } from './lateness.ts'
import { legStats } from './legStats.ts'
import { FarLink } from './link/farLink.ts'
import { Link } from './link/link.ts'
import type { Wire } from './link/wire.ts'
import { madeCodecs } from './madeCodecs.ts'
import { MediaLeg } from './mediaLeg.ts'
import { Room } from './room/room.ts'
import { Recording } from './sound/recording.ts'
import { type MadeSource, Sources } from './sound/sources.ts'
import { Ticker } from './ticker.ts'

/** How often the legs are asked what is due by time, ms. */
const TICK = 1000
/** What is recorded has all that a phone's microphone gives, Hz. */
const RECORDING_RATE = 16_000

export interface LocalEngineOptions {
  readonly clock: Clock
  readonly network: Network
  /** Where sound is played from, and recorded to. */
  readonly files: Files
  readonly random: Random
  readonly ports: PortPool
  /** How many pairs of sockets stay bound for further legs. */
  readonly keptPairs: number
  /** Called for each datagram that comes, before anything is done about it. */
  readonly arrived?: () => void
  /** Addresses that reach this host, its external one included. */
  readonly ownAddresses: readonly string[]
  /** Where it counts how late its turns come. */
  readonly late?: LatenessCells
}

/** The media engine in this process: what a media thread runs, and what tests run on a virtual network. */
export function createLocalEngine(options: LocalEngineOptions): MediaEngine & Linkable {
  return new LocalEngine(options)
}

/** An engine that is one of several. */
export interface Linkable {
  /** Our half of a link to a leg of another engine, to which `wire` leads. Closes the wire where there is no such leg. */
  linkFar(id: LinkId, leg: LegId, wire: Wire): void
}

class LocalEngine implements MediaEngine, Linkable {
  readonly codecs = madeCodecs()
  readonly #options: LocalEngineOptions
  readonly #ownAddresses: Set<string>
  readonly #pairs: PairPool
  readonly #legs = new Map<LegId, MediaLeg>()
  readonly #links = new Map<LinkId, readonly MediaLeg[]>()
  readonly #rooms = new Map<RoomId, Room>()
  /** How to end playbacks and recordings. */
  readonly #running = new Map<PlaybackId | RecordingId, () => void>()
  readonly #sources: Sources
  readonly #listeners = new Set<(event: MediaEvent) => void>()
  readonly #pulse: Ticker
  #ticker: Timer | null = null
  #isShut = false

  constructor(options: LocalEngineOptions) {
    this.#options = options
    this.#pulse = new Ticker(options.clock, options.late)
    this.#sources = new Sources(options.files)
    this.#ownAddresses = new Set(options.ownAddresses)
    this.#pairs = new PairPool(options, options.keptPairs, options.arrived ?? (() => {}))
  }

  // The rules of legs that are open look into the same set.
  follow(ownAddresses: readonly string[]): void {
    this.#ownAddresses.clear()
    for (const address of ownAddresses) this.#ownAddresses.add(address)
  }

  get legs(): number {
    return this.#legs.size
  }

  get late(): Lateness {
    return this.#pulse.stats
  }

  async open(specs: readonly LegSpec[]): Promise<readonly LocalMedia[]> {
    for (const { id } of specs) if (this.#legs.has(id)) throw new Error(`leg ${id} is open already`)
    const outcomes = await Promise.allSettled(specs.map((spec) => this.#bind(spec)))
    const legs = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    if (refused || this.#isShut) {
      for (const leg of legs) leg.close()
      throw refused?.reason ?? new MediaError('CLOSED', 'the media engine is shut down')
    }
    return specs.flatMap((spec, index) => {
      const leg = legs[index]
      return leg ? [this.#add(spec, leg)] : []
    })
  }

  update(id: LegId, remote: RemoteMedia): void {
    this.#legs.get(id)?.update(remote)
  }

  link(id: LinkId, a: LegId, b: LegId): void {
    const [from, to] = [this.#legs.get(a), this.#legs.get(b)]
    if (!from || !to) return
    for (const leg of [a, b]) this.unmix(leg)
    for (const leg of [from, to]) if (leg.link !== null) this.unlink(leg.link.id)
    const joined = { id, link: new Link(from, to, this.#pulse) }
    this.#links.set(id, [from, to])
    from.link = joined
    to.link = joined
  }

  linkFar(id: LinkId, leg: LegId, wire: Wire): void {
    const found = this.#legs.get(leg)
    if (!found) return wire.close()
    this.unmix(leg)
    if (found.link !== null) this.unlink(found.link.id)
    const pulse = { ticker: this.#pulse, clock: this.#options.clock }
    const link: FarLink = new FarLink(found, wire, pulse, () => {
      if (found.link?.link === link) this.unlink(id)
    })
    found.link = { id, link }
    this.#links.set(id, [found])
  }

  unlink(id: LinkId): void {
    const ends = this.#links.get(id) ?? []
    this.#links.delete(id)
    ends[0]?.link?.link.close()
    for (const leg of ends) leg.link = null
  }

  play(id: PlaybackId, leg: LegId, sound: Sound): void {
    this.#running.set(id, () => this.#over({ type: 'finished', id, leg }))
    void this.#sources.make(sound).then((made) => this.#begin(id, leg, made))
  }

  stop(id: PlaybackId | RecordingId): void {
    this.#running.get(id)?.()
  }

  record(id: RecordingId, of: LegId | LinkId, { path, channels, maxDuration }: RecordSpec): void {
    const legs = this.#links.get(of) ?? [this.#legs.get(of)].filter((leg) => leg !== undefined)
    const [first] = legs
    if (!first) return
    const options = { sampleRate: RECORDING_RATE, channels, maxDuration }
    const how = { files: this.#options.files, path, ticker: this.#pulse, options }
    const recording = new Recording(
      [...new Set(legs)].map(({ rtp }) => rtp),
      how,
      (recorded) => {
        const { end, duration, dropped } = recorded ?? { end: 'refused', duration: 0, dropped: 0 }
        this.#over({ type: 'recorded', id, leg: first.id, end, duration, dropped })
      },
    )
    this.#running.set(id, () => recording.stop())
    for (const leg of legs) leg.whenClosed(() => recording.stop())
  }

  mix(id: RoomId, leg: LegId): void {
    const found = this.#legs.get(leg)
    if (!found) return
    if (found.link !== null) this.unlink(found.link.id)
    this.unmix(leg)
    const room =
      this.#rooms.get(id) ??
      new Room(this.#pulse, (speakers) => this.#tell({ type: 'speakers', leg, room: id, speakers }))
    this.#rooms.set(id, room)
    room.join(leg, found.rtp)
    found.room = { id, room }
  }

  unmix(leg: LegId): void {
    const found = this.#legs.get(leg)
    if (!found?.room) return
    const { id, room } = found.room
    room.leave(leg)
    found.room = null
    if (room.size === 0) this.#rooms.delete(id)
  }

  sendDtmf(leg: LegId, digits: string, duration?: Millis): void {
    this.#legs.get(leg)?.keypad.type(digits, duration)
  }

  async stats(id: LegId): Promise<LegStats | null> {
    const leg = this.#legs.get(id)
    return leg ? legStats(leg, this.#options.clock.now()) : null
  }

  async close(id: LegId): Promise<LegStats | null> {
    const leg = this.#legs.get(id)
    if (!leg) return null
    // While its link still knows what became of its sound.
    const stats = legStats(leg, this.#options.clock.now())
    if (leg.link !== null) this.unlink(leg.link.id)
    this.unmix(id)
    this.#legs.delete(id)
    leg.close()
    if (this.#legs.size === 0) this.#stopTicking()
    return stats
  }

  on(run: (event: MediaEvent) => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    this.#pulse.close()
    this.#pairs.close()
    await Promise.all([...this.#legs.keys()].map((id) => this.close(id)))
  }

  async #bind(spec: LegSpec): Promise<RtpLeg> {
    const { ports, clock, random } = this.#options
    const sockets = await this.#pairs.lend(spec.address).catch((cause: unknown) => {
      throw new MediaError('BIND', `no socket at ${spec.address}: ${cause instanceof Error ? cause.message : cause}`)
    })
    if (sockets === null) throw new MediaError('NO_PORTS', `none of the ${ports.pairs} pairs of RTP ports is free`)
    const mayBePeer = peerRule(spec.address, this.#ownAddresses, ports)
    return new RtpLeg(sockets, { clock, random, mayBePeer, notify: (event) => this.#tell({ ...event, leg: spec.id }) })
  }

  #add({ id, call }: LegSpec, rtp: RtpLeg): LocalMedia {
    const onKey = (digit: string, duration: Millis) => this.#tell({ type: 'dtmf', leg: id, digit, duration })
    this.#legs.set(id, new MediaLeg(id, rtp, call, this.#pulse, onKey))
    if (this.#ticker === null) this.#tick()
    return { leg: id, address: rtp.local.address, port: rtp.local.port, rtcpPort: rtp.rtcpPort }
  }

  // One timer for all legs, and none while there is no leg.
  #tick(): void {
    const { clock } = this.#options
    this.#ticker = clock.after(TICK, () => {
      const now = clock.now()
      for (const { rtp } of this.#legs.values()) rtp.tick(now)
      if (this.#legs.size > 0) this.#tick()
    })
  }

  #stopTicking(): void {
    this.#ticker?.cancel()
    this.#ticker = null
  }

  #begin(id: PlaybackId, leg: LegId, made: MadeSource | null): void {
    const found = this.#legs.get(leg)
    // It may have been stopped before it began.
    if (!this.#running.has(id)) return made?.close()
    const over = (): void => {
      made?.close()
      this.#over({ type: 'finished', id, leg })
    }
    if (found && made) this.#running.set(id, found.play(made.source, over))
    else over()
  }

  #over(event: Extract<MediaEvent, { type: 'finished' | 'recorded' }>): void {
    this.#running.delete(event.id)
    this.#tell(event)
  }

  #tell(event: MediaEvent): void {
    for (const run of this.#listeners) run(event)
  }
}
