import type { RemoteMedia } from '../../src/media/engine.ts'
import type { Endpoint, Network, UdpSocket } from '../../src/platform/network.ts'
import { isRtcp, payloadType } from '../../src/rtp/packet.ts'
import { type RtpFields, rtp } from '../rtp/rtpBytes.ts'

const KEEPALIVE = 127

/** A phone's two media sockets, and what came to them. Packets it sends go on one from another, 20 ms apart. */
export class RtpPhone {
  /** RTP that was heard, keepalives apart. */
  readonly heard: Uint8Array[] = []
  readonly keepalives: Uint8Array[] = []
  readonly rtcpHeard: Uint8Array[] = []
  readonly #ssrc: number
  #sequence = 0
  #rtp: UdpSocket | null = null
  #rtcp: UdpSocket | null = null

  private constructor(ssrc: number) {
    this.#ssrc = ssrc
  }

  /** A phone at `address`; `stirred` is called for each datagram that comes. */
  static async at(network: Network, address: string, ssrc: number, stirred: () => void): Promise<RtpPhone> {
    const phone = new RtpPhone(ssrc)
    phone.#rtp = await network.bindUdp({ address, port: 0 }, (packet) => {
      if (isRtcp(packet)) phone.rtcpHeard.push(packet)
      else if (payloadType(packet) === KEEPALIVE) phone.keepalives.push(packet)
      else phone.heard.push(packet)
      stirred()
    })
    phone.#rtcp = await network.bindUdp({ address, port: 0 }, (packet) => {
      phone.rtcpHeard.push(packet)
      stirred()
    })
    return phone
  }

  get rtp(): Endpoint {
    return socketOf(this.#rtp).local
  }

  get rtcp(): Endpoint {
    return socketOf(this.#rtcp).local
  }

  /** What its SDP says: PCMU and telephone-event, which it wants under `dtmf` and we under 101, both ways. */
  sdp({ dtmf = 101, ...more }: Partial<RemoteMedia> & { dtmf?: number } = {}): RemoteMedia {
    const formats = [
      { codec: 'pcmu/8000/1', receive: 0, send: 0, fmtp: null },
      { codec: 'telephone-event/8000/1', receive: 101, send: dtmf, fmtp: null },
    ]
    return {
      rtp: this.rtp,
      rtcp: this.rtcp,
      rtcpMux: false,
      formats,
      ptime: null,
      sends: true,
      receives: true,
      keysInMedia: true,
      secure: null,
      ...more,
    }
  }

  /** Sends the next RTP packet to `to`. */
  says(payload: string, to: { address: string; port: number }, more: RtpFields = {}): void {
    const sequence = ++this.#sequence
    const packet = {
      ssrc: this.#ssrc,
      sequence,
      timestamp: 160 * sequence,
      payload: Buffer.from(payload, 'latin1'),
      ...more,
    }
    socketOf(this.#rtp).send(rtp(packet), to)
  }

  /** Sends these octets from its RTP socket. */
  sendsBytes(bytes: Uint8Array, to: Endpoint): void {
    socketOf(this.#rtp).send(bytes, to)
  }

  /** Sends these octets from its RTCP socket. */
  sendsRtcp(bytes: Uint8Array, to: Endpoint): void {
    socketOf(this.#rtcp).send(bytes, to)
  }

  /** The payloads heard so far, as text. */
  get words(): string[] {
    return this.heard.map((packet) => Buffer.from(packet.subarray(12)).toString('latin1'))
  }

  close(): void {
    this.#rtp?.close()
    this.#rtcp?.close()
  }
}

function socketOf(socket: UdpSocket | null): UdpSocket {
  if (socket === null) throw new Error('the phone is not bound yet')
  return socket
}
