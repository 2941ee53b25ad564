import type { Millis } from '../platform/clock.ts'
import type { Files } from '../platform/files.ts'
import type { Endpoint } from '../platform/network.ts'
import { hostPriority } from '../webrtc/ice/candidate.ts'
import {
  type Candidate,
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
import { LegOpener, type LegOpenerOptions, type OpenedLeg } from './legOpener.ts'
import { legStats } from './legStats.ts'
import { Links } from './link/links.ts'
import type { Wire } from './link/wire.ts'
import { madeCodecs } from './madeCodecs.ts'
import { MediaLeg } from './mediaLeg.ts'
import { Rooms } from './room/rooms.ts'
import { Studio } from './sound/studio.ts'
import { SLOW, Ticker } from './ticker.ts'

export interface LocalEngineOptions extends LegOpenerOptions {
  /** Where sound is played from, and recorded to. */
  readonly files: Files
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
  readonly #opener: LegOpener
  readonly #legs = new Map<LegId, MediaLeg>()
  readonly #links: Links
  readonly #rooms: Rooms
  readonly #studio: Studio
  readonly #listeners = new Set<(event: MediaEvent) => void>()
  readonly #pulse: Ticker
  /** Asks each leg once a second what is due by time. */
  readonly #slowPulse: Ticker
  #isShut = false

  constructor(options: LocalEngineOptions) {
    this.#options = options
    this.#pulse = new Ticker(options.clock, options.late)
    this.#slowPulse = new Ticker(options.clock, undefined, SLOW)
    this.#links = new Links({ ticker: this.#pulse, clock: options.clock })
    this.#rooms = new Rooms(this.#pulse, (room, speakers) => this.#tellSpeakers(room, speakers))
    this.#studio = new Studio(options.files, this.#pulse, (event) => this.#tell(event))
    this.#ownAddresses = new Set(options.ownAddresses)
    this.#opener = new LegOpener(options, this.#ownAddresses)
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
      for (const { rtp } of legs) rtp.close()
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
    for (const leg of [from, to]) this.#rooms.leave(leg)
    this.#links.join(id, from, to)
  }

  linkFar(id: LinkId, leg: LegId, wire: Wire): void {
    const found = this.#legs.get(leg)
    if (!found) return wire.close()
    this.#rooms.leave(found)
    this.#links.joinFar(id, found, wire)
  }

  unlink(id: LinkId): void {
    this.#links.part(id)
  }

  play(id: PlaybackId, leg: LegId, sound: Sound): void {
    this.#studio.play(id, leg, sound, () => this.#legs.get(leg))
  }

  record(id: RecordingId, of: LegId | LinkId, spec: RecordSpec): void {
    const leg = this.#legs.get(of)
    this.#studio.record(id, leg ? [leg] : (this.#links.ends(of) ?? []), spec)
  }

  stop(id: PlaybackId | RecordingId): void {
    this.#studio.stop(id)
  }

  mix(room: RoomId, leg: LegId): void {
    const found = this.#legs.get(leg)
    if (!found) return
    this.#links.leave(found)
    this.#rooms.enter(room, found)
  }

  unmix(leg: LegId): void {
    const found = this.#legs.get(leg)
    if (found) this.#rooms.leave(found)
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
    this.#links.leave(leg)
    this.#rooms.leave(leg)
    this.#legs.delete(id)
    leg.close()
    return stats
  }

  on(run: (event: MediaEvent) => void): () => void {
    this.#listeners.add(run)
    return () => this.#listeners.delete(run)
  }

  async shutdown(): Promise<void> {
    this.#isShut = true
    this.#pulse.close()
    this.#opener.close()
    await Promise.all([...this.#legs.keys()].map((id) => this.close(id)))
  }

  #bind(spec: LegSpec): Promise<OpenedLeg> {
    const { id } = spec
    return this.#opener.open(spec, {
      notify: (event) => this.#tell({ ...event, leg: id }),
      failed: (reason) => this.#fail(id, reason),
    })
  }

  #add({ id, call }: LegSpec, opened: OpenedLeg): LocalMedia {
    const { rtp, secure } = opened
    const onKey = (digit: string, duration: Millis) => this.#tell({ type: 'dtmf', leg: id, digit, duration })
    const leg = new MediaLeg(id, opened, call, this.#pulse, onKey)
    this.#legs.set(id, leg)
    leg.whenClosed(this.#slowPulse.add(() => rtp.tick(this.#options.clock.now())))
    const { address, port } = rtp.local
    const secured = secure && { fingerprint: secure.fingerprint, candidates: secure.ends.map(candidate) }
    return { leg: id, address, port, rtcpPort: rtp.rtcpPort, secure: secured }
  }

  #fail(id: LegId, reason: string): void {
    if (!this.#legs.has(id)) return
    void this.close(id)
    this.#tell({ type: 'ended', leg: id, reason })
  }

  #tellSpeakers(room: RoomId, speakers: readonly LegId[]): void {
    const leg = this.#rooms.member(room)
    if (leg !== null) this.#tell({ type: 'speakers', leg, room, speakers })
  }

  #tell(event: MediaEvent): void {
    for (const run of this.#listeners) run(event)
  }
}

function candidate(at: Endpoint, index: number): Candidate {
  return { address: at.address, port: at.port, priority: hostPriority(index) }
}
