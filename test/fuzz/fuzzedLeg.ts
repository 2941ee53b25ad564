import type { DropReason, LegId, LegStats, LocalMedia, RemoteMedia } from '../../src/media/engine.ts'
import type { Endpoint } from '../../src/platform/network.ts'
import type { Seeded } from '../support/virtual/random.ts'
import { Departures } from './departures.ts'
import { someFormats } from './formats.ts'
import { Packets } from './packets.ts'

export const SERVER = '10.0.0.1'
const STRANGER = '198.51.100.66'
/** Who can be no peer of anybody. */
const NOBODIES = ['224.0.0.1', '127.0.0.1', '255.255.255.255', '0.0.0.0', SERVER]
const PTIMES = [null, 20, 20, 10, 30, 40, 60, 1, 500, 0]

/** A leg of the engine under test, with its phone, and the books we keep of it ourselves. */
export class FuzzedLeg {
  readonly id: LegId
  readonly local: LocalMedia
  readonly packets: Packets
  readonly departures = new Departures()
  readonly phone: Endpoint
  agreed: RemoteMedia
  /** Datagrams that were given to its sockets since the last `audit`, without STUN, of which nobody keeps count. */
  delivered = 0
  readonly #random: Seeded
  #counted = 0
  #unsure = 0

  constructor(local: LocalMedia, phone: Endpoint, random: Seeded) {
    this.id = local.leg
    this.local = local
    this.phone = phone
    this.#random = random
    this.packets = new Packets(random)
    this.agreed = this.#agreement()
  }

  /** Another agreement: of formats, direction, address. */
  renegotiate(): RemoteMedia {
    this.agreed = this.#agreement()
    this.packets.use(this.agreed.formats)
    return this.agreed
  }

  /** Whom a datagram comes from: mostly the phone, from its port for RTP or for RTCP. */
  sender(isRtcp: boolean): Endpoint {
    const random = this.#random
    const at = { ...this.phone, port: this.phone.port + (isRtcp && !this.agreed.rtcpMux ? 1 : 0) }
    const kind = random.integer(100)
    if (kind < 92) return at
    if (kind < 95) return { ...at, port: 1 + random.integer(65_535) }
    if (kind < 98) return { address: STRANGER, port: 1 + random.integer(65_535) }
    if (kind < 99) return { ...at, port: 0 }
    return { address: NOBODIES[random.integer(NOBODIES.length)] ?? SERVER, port: this.local.port }
  }

  /** Whether a packet may go there: the rest of the world has not asked for it. */
  mayReach({ address, port }: Endpoint): boolean {
    return port > 0 && port < 65_536 && (address === this.phone.address || address === STRANGER)
  }

  /** Compares the engine's books with ours; gives what is wrong, or null. */
  audit(stats: LegStats): string | null {
    const { dropped, received, sent, rtcpReceived } = stats
    // Only a packet of the peer is counted as received, also if it goes no further; those of others by reason alone.
    const counted = received.packets + rtcpReceived + dropped.malformed + dropped.source
    const unsure = dropped.format + dropped.direction
    const [sure, maybe] = [counted - this.#counted, unsure - this.#unsure]
    const { delivered } = this
    this.#counted = counted
    this.#unsure = unsure
    this.delivered = 0
    if (sure > delivered) return `${delivered} came and ${sure} were counted`
    if (sure + maybe < delivered) return `${delivered} came, and only ${sure} and at most ${maybe} more were counted`
    if (sent.packets !== this.departures.packets)
      return `${this.departures.packets} left and ${sent.packets} were counted`
    return numbersIn(stats).every(Number.isFinite) ? null : `its counters are not all numbers: ${JSON.stringify(stats)}`
  }

  #agreement(): RemoteMedia {
    const random = this.#random
    const { address, port } = this.phone
    const isKnown = random.integer(10) > 0
    return {
      rtp: isKnown ? { address, port } : null,
      rtcp: isKnown ? { address, port: port + 1 } : null,
      rtcpMux: random.integer(3) === 0,
      formats: random.integer(30) === 0 ? [] : someFormats(random),
      ptime: PTIMES[random.integer(PTIMES.length)] ?? null,
      sends: random.integer(10) > 0,
      receives: random.integer(10) > 0,
      keysInMedia: random.integer(10) > 0,
      secure: null,
    }
  }
}

const REASONS: readonly DropReason[] = ['malformed', 'source', 'format', 'direction', 'unlinked']

function numbersIn({ received, sent, rtcpReceived, dropped, lost, jitter, silentFor, peer, roundTrip, mos }: LegStats) {
  const known = [jitter, silentFor, roundTrip, mos.heard, mos.told, peer?.lost, peer?.lostTotal, peer?.jitter]
  return [
    ...[received.packets, received.octets, sent.packets, sent.octets, rtcpReceived, lost],
    ...REASONS.map((reason) => dropped[reason]),
    ...known.map((value) => value ?? 0),
  ]
}
