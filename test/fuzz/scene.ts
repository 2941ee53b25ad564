import type { LegId, LegStats, MediaEngine, MediaEvent } from '../../src/media/engine.ts'
import { createLocalEngine } from '../../src/media/localEngine.ts'
import type { Clock } from '../../src/platform/clock.ts'
import type { Endpoint } from '../../src/platform/network.ts'
import { isRtcp, isStun } from '../../src/rtp/packet.ts'
import { PortPool } from '../../src/rtp/ports/ports.ts'
import { settled, VirtualFiles } from '../support/virtual/files.ts'
import { type Seeded, seededRandom } from '../support/virtual/random.ts'
import { Commands } from './commands.ts'
import { FuzzedLeg, SERVER } from './fuzzedLeg.ts'
import { DirectNetwork, StepClock } from './stage.ts'
import type { Timings } from './timings.ts'

/** Packets until the counters are compared with ours; where a failing packet is looked for, after each. */
const AUDITED = 32
/** Packets in a scene; in one of floods, where they come in no time, and what a call may then hold is looked at. */
const SHORTEST = 500
const LONGEST = 4000
const FLOOD = 20_000
const FLOODS = 150
const LEGS = 3
const LOW_PORT = 20_000
const HIGH_PORT = 25_999
/** Time from one burst to the next, ms. */
const PAUSES = [0, 0, 1, 5, 5, 5, 5, 20, 20, 20, 20, 20, 20, 40, 300]

/** What is measured over all scenes. */
export interface Watch {
  readonly packets: Timings
  readonly turns: Timings
  readonly commands: Timings
  /** Told of each packet that took long: its place in the scene. */
  slow(scene: number, packet: number, took: number): void
  /** Told the counters of each leg that was closed. */
  closed(stats: LegStats): void
  /** Octets of memory in use, when all that is garbage was collected. */
  memory(): number
}

/** A scene went wrong. */
export class Failure extends Error {
  constructor(scene: Scene, what: string, cause?: unknown) {
    super(`scene ${scene.index}, packet ${scene.packets}: ${what}\n  the last packet: ${scene.lastHex}`, { cause })
    this.name = 'Failure'
  }
}

/** One call of three legs in an engine of its own, and all that can be done to it, by the seed and the scene's number alone. */
export class Scene {
  readonly index: number
  readonly random: Seeded
  readonly clock = new StepClock()
  readonly files = new VirtualFiles()
  readonly engine: MediaEngine
  readonly legs: FuzzedLeg[] = []
  readonly length: number
  readonly isFlood: boolean
  /** Datagrams delivered so far. */
  packets = 0
  /** The most events that one datagram brought about. */
  mostEvents = 0
  readonly #careful: boolean
  readonly #watch: Watch
  readonly #network = new DirectNetwork((from, to, bytes) => this.#left(from, to, bytes))
  readonly #byPort = new Map<number, FuzzedLeg>()
  readonly #commands: Commands
  #opened = 0
  #events = 0
  #madeOf = -1
  #last = Buffer.alloc(0)
  #fault: string | null = null

  constructor(seed: number, index: number, careful: boolean, watch: Watch) {
    this.index = index
    this.#careful = careful
    this.#watch = watch
    this.random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
    this.isFlood = index % FLOODS === FLOODS - 1
    this.length = this.isFlood ? FLOOD : SHORTEST + this.random.integer(LONGEST - SHORTEST)
    const ports = PortPool.create(LOW_PORT, HIGH_PORT)
    this.engine = createLocalEngine({
      clock: this.clock satisfies Clock,
      network: this.#network.network,
      files: this.files,
      random: seededRandom(this.random.integer(2 ** 32)),
      ports,
      keptPairs: 2 * this.random.integer(2),
      ownAddresses: [SERVER],
    })
    this.engine.on((event) => this.#told(event))
    this.#commands = new Commands(this)
  }

  /** Plays the scene to its end. Rejects with a Failure. */
  async run(): Promise<void> {
    const before = this.isFlood ? this.#watch.memory() : 0
    for (let slot = 0; slot < LEGS; slot++) await this.open(slot)
    this.#commands.begin()
    while (this.packets < this.length) await this.#burst()
    await this.audit()
    if (this.isFlood) this.#checkHeld(this.#watch.memory() - before)
    await this.#end()
  }

  /** Opens the leg of `slot` anew; what was there is closed. */
  async open(slot: number): Promise<void> {
    const old = this.legs[slot]
    if (old) await this.#close(old)
    const id: LegId = `leg ${this.#opened++}`
    const [local] = await this.engine.open([{ id, call: 'call', address: SERVER }])
    this.clock.finishTurn()
    if (!local) throw new Failure(this, 'no leg was opened')
    const leg = new FuzzedLeg(local, { address: `10.0.1.${slot + 1}`, port: 4000 }, this.random)
    this.legs[slot] = leg
    this.#byPort.set(local.port, leg).set(local.rtcpPort, leg)
    this.engine.update(leg.id, leg.renegotiate())
  }

  get lastHex(): string {
    return this.#last.toString('hex')
  }

  /** Compares all counters with what came and left. */
  async audit(): Promise<void> {
    for (const leg of this.legs) {
      const stats = await this.engine.stats(leg.id)
      const fault = stats ? leg.audit(stats) : 'it is gone'
      if (fault) throw new Failure(this, `${leg.id}: ${fault}`)
    }
  }

  async #burst(): Promise<void> {
    const { random } = this
    if (random.integer(25) === 0) await this.#command()
    const size = this.isFlood ? 200 : random.integer(40) === 0 ? 50 + random.integer(150) : 1 + random.integer(6)
    for (let left = size; left > 0; left--) {
      this.#deliver()
      if (this.#careful || this.packets % AUDITED === 0) await this.audit()
    }
    const long = random.integer(2000) === 0 ? 70_000 : 0
    this.#turn(long || (this.isFlood ? 5 : (PAUSES[random.integer(PAUSES.length)] ?? 20)))
  }

  #deliver(): void {
    const { random } = this
    const leg = this.legs[random.integer(LEGS)]
    if (!leg) return
    const kind = random.integer(100)
    const isRtcp = kind < 6
    leg.packets.ourSsrc = leg.departures.ssrc ?? 0
    const length = isRtcp ? leg.packets.nextRtcp() : leg.packets.next()
    const { out } = leg.packets
    // Each on the other's port, too.
    const port = kind % 6 === 5 && kind < 12 ? !isRtcp : isRtcp
    this.#last = out.subarray(0, length)
    this.#madeOf = length < 12 ? -1 : out.readUInt32BE(8) * 2 ** 16 + out.readUInt16BE(2)
    if (!isStun(this.#last)) leg.delivered++
    this.packets++
    this.#take(port ? leg.local.rtcpPort : leg.local.port, Buffer.from(this.#last), leg.sender(isRtcp))
    this.#madeOf = -1
  }

  #take(port: number, datagram: Uint8Array, from: Endpoint): void {
    this.#events = 0
    const before = performance.now()
    try {
      this.#network.deliver(port, datagram, from)
    } catch (error) {
      throw new Failure(this, `a packet throws: ${error instanceof Error ? error.stack : error}`, error)
    }
    const took = performance.now() - before
    this.#watch.packets.note(took)
    if (took > 1) this.#watch.slow(this.index, this.packets, took)
    this.mostEvents = Math.max(this.mostEvents, this.#events)
    this.#check()
  }

  #turn(span: number): void {
    const before = performance.now()
    try {
      this.clock.finishTurn()
      this.clock.advance(span)
    } catch (error) {
      throw new Failure(this, `a timer throws: ${error instanceof Error ? error.stack : error}`, error)
    }
    if (span <= 20) this.#watch.turns.note(performance.now() - before)
    this.#check()
  }

  async #command(): Promise<void> {
    const before = performance.now()
    try {
      await this.#commands.give()
      // What is played and recorded begins behind promises.
      await settled()
      this.clock.finishTurn()
    } catch (error) {
      throw new Failure(this, `${this.#commands.last} throws: ${error instanceof Error ? error.stack : error}`, error)
    }
    this.#watch.commands.note(performance.now() - before)
    this.#check()
  }

  #left(from: Endpoint, to: Endpoint, bytes: Uint8Array): void {
    const fault = this.#faultOf(this.#byPort.get(from.port), from, to, bytes)
    if (fault) this.#fault ??= `${fault}, to ${to.address}:${to.port}: ${Buffer.from(bytes).toString('hex')}`
  }

  #faultOf(leg: FuzzedLeg | undefined, from: Endpoint, to: Endpoint, bytes: Uint8Array): string | null {
    if (!leg) return `a packet left from port ${from.port}`
    if (!leg.mayReach(to)) return `a packet left ${leg.id} for where it must not go`
    const isReport = from.port === leg.local.rtcpPort || isRtcp(bytes)
    const fault = isReport ? leg.departures.rtcp(bytes) : leg.departures.rtp(bytes, leg.agreed, this.#madeOf)
    return fault && `${leg.id}: ${fault}`
  }

  #told(event: MediaEvent): void {
    this.#events++
    const isSound = event.type !== 'dtmf' || (event.duration >= 0 && Number.isFinite(event.duration))
    if (!isSound) this.#fault = `it tells ${JSON.stringify(event)}`
  }

  #check(): void {
    if (this.#fault) throw new Failure(this, `${this.#fault}, after ${this.#commands.last}`)
  }

  async #close(leg: FuzzedLeg): Promise<void> {
    const stats = await this.engine.close(leg.id)
    if (stats) this.#watch.closed(stats)
    const fault = stats ? leg.audit(stats) : 'it is gone'
    if (fault) throw new Failure(this, `${leg.id}, closed: ${fault}`)
  }

  async #end(): Promise<void> {
    for (const leg of this.legs) await this.#close(leg)
    // Recordings are over when their files are.
    await settled()
    if (this.engine.legs > 0) throw new Failure(this, `${this.engine.legs} legs are left`)
    // One that closes sockets nobody wants may be.
    if (this.clock.timers > 1) throw new Failure(this, `${this.clock.timers} timers are left`)
    await this.engine.shutdown()
    await settled()
    const left = [this.clock.timers, this.#network.sockets, this.files.opened]
    if (left.some((count) => count > 0)) throw new Failure(this, `timers, sockets and files are left: ${left}`)
    this.#check()
  }

  #checkHeld(octets: number): void {
    if (octets > HELD)
      throw new Failure(this, `its legs hold ${(octets / 2 ** 20).toFixed(1)} MiB after ${this.packets} packets`)
  }
}

/** What three legs may hold, whatever came to them, octets. */
const HELD = 6 * 2 ** 20
