import type { Millis } from '../../src/platform/clock.ts'
import type { Endpoint, UdpSocket } from '../../src/platform/network.ts'
import { rtp } from '../rtp/rtpBytes.ts'
import type { VirtualClock } from '../support/virtual/clock.ts'
import type { VirtualNetwork } from '../support/virtual/network.ts'

/** Between packets, and between reports, ms. */
const FRAME = 20
const INTERVAL = 5000

/**
 * A phone that talks PCMU and reports on what it hears, written from RFC 3550 alone: nothing in it is ours. Its clock for
 * NTP is the virtual one, from 0.
 */
export class ReportingPhone {
  /** What our side reports of its stream: the fraction lost at each report. */
  readonly told: number[] = []
  /** By our side's reports, ms. */
  readonly roundTrips: Millis[] = []
  readonly #clock: VirtualClock
  readonly #ssrc: number
  readonly #sockets: UdpSocket[] = []
  #sequence = 100
  #heard = { ssrc: 0, first: -1, highest: 0, count: 0 }
  #before = { expected: 0, count: 0 }
  #theirs = { middle: 0, at: 0 }

  private constructor(clock: VirtualClock, ssrc: number) {
    this.#clock = clock
    this.#ssrc = ssrc
  }

  static async at(net: VirtualNetwork, clock: VirtualClock, address: string, ssrc: number): Promise<ReportingPhone> {
    const phone = new ReportingPhone(clock, ssrc)
    const network = net.host(address)
    phone.#sockets.push(
      await network.bindUdp({ address, port: 4000 }, (packet) => phone.#hear(Buffer.from(packet))),
      await network.bindUdp({ address, port: 4001 }, (packet) => phone.#read(Buffer.from(packet))),
    )
    return phone
  }

  /** Sends a packet each 20 ms and a sender report each 5 s, for `span` ms, to the leg at `to`. */
  async talks(to: { address: string; port: number; rtcpPort: number }, span: Millis): Promise<void> {
    for (let gone = 0; gone < span; gone += FRAME) {
      this.#clock.after(gone, () => this.#say(to))
      if (gone % INTERVAL === INTERVAL / 2)
        this.#clock.after(gone, () => this.#report({ address: to.address, port: to.rtcpPort }))
    }
  }

  #say(to: Endpoint): void {
    const sequence = this.#sequence++
    this.#sockets[0]?.send(rtp({ ssrc: this.#ssrc, sequence, timestamp: 160 * sequence }), to)
  }

  #hear(packet: Buffer): void {
    if (packet.length === 12) return
    const sequence = packet.readUInt16BE(2)
    if (this.#heard.first < 0) this.#heard = { ssrc: packet.readUInt32BE(8), first: sequence, highest: 0, count: 0 }
    this.#heard.highest = Math.max(this.#heard.highest, sequence)
    this.#heard.count++
  }

  #report(to: Endpoint): void {
    const { ssrc, first, highest, count } = this.#heard
    const expected = first < 0 ? 0 : highest - first + 1
    const due = expected - this.#before.expected
    const missing = due - (count - this.#before.count)
    this.#before = { expected, count }
    const report = Buffer.alloc(52)
    report.writeUInt32BE(0x81c8000c, 0)
    report.writeUInt32BE(this.#ssrc, 4)
    report.writeUInt32BE(this.#middle() >>> 16, 8)
    report.writeUInt32BE((this.#middle() << 16) >>> 0, 12)
    report.writeUInt32BE(ssrc, 28)
    report[32] = due > 0 ? Math.max(0, Math.floor((256 * missing) / due)) : 0
    report.writeIntBE(expected - count, 33, 3)
    report.writeUInt32BE(highest, 36)
    report.writeUInt32BE(this.#theirs.middle, 44)
    report.writeUInt32BE(Math.round((this.#clock.now() - this.#theirs.at) * 65.536) >>> 0, 48)
    this.#sockets[1]?.send(report, to)
  }

  // Ours is a sender or a receiver report first, with one block at most.
  #read(report: Buffer): void {
    const block = report[1] === 200 ? 28 : 8
    if (report[1] === 200) this.#theirs = { middle: report.readUInt32BE(10), at: this.#clock.now() }
    if (((report[0] ?? 0) & 31) !== 1 || report.readUInt32BE(block) !== this.#ssrc) return
    this.told.push((report[block + 4] ?? 0) / 256)
    const last = report.readUInt32BE(block + 16)
    if (last !== 0) this.roundTrips.push((this.#middle() - last - report.readUInt32BE(block + 20)) / 65.536)
  }

  #middle(): number {
    return Math.round(this.#clock.now() * 65.536)
  }
}
