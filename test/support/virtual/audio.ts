import type { Endpoint, UdpSocket } from '../../../src/platform/network.ts'
import type { VirtualHost } from './network.ts'

const PACKET_EVERY = 20

/** One RTP packet as it came. */
export interface Heard {
  readonly payloadType: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly words: string
  readonly from: Endpoint
}

/** A virtual phone's ear and mouth: RTP whose payload is text, so that a test can tell who speaks. */
export class VirtualAudio {
  readonly heard: Heard[] = []
  readonly #socket: UdpSocket
  readonly #rtcp: UdpSocket
  readonly #ssrc: number
  #sequence = 100
  #timestamp = 5000

  private constructor(socket: UdpSocket, rtcp: UdpSocket, ssrc: number) {
    this.#socket = socket
    this.#rtcp = rtcp
    this.#ssrc = ssrc
  }

  static async at(host: VirtualHost, address: string, port: number): Promise<VirtualAudio> {
    const audio: VirtualAudio = new VirtualAudio(
      await host.bindUdp({ address, port }, (bytes, from) => audio.#take(Buffer.from(bytes), from)),
      await host.bindUdp({ address, port: port + 1 }, () => {}),
      port,
    )
    return audio
  }

  get port(): number {
    return this.#socket.local.port
  }

  /** Of the packet that it sends next. */
  get timestamp(): number {
    return this.#timestamp
  }

  /** Sends one packet that says `words` to `to`; an event has the `timestamp` of when it began. */
  says(words: string, to: Endpoint, payloadType = 0, timestamp = this.#timestamp): void {
    const packet = Buffer.alloc(12 + words.length)
    packet.writeUInt16BE(0x8000 | payloadType, 0)
    packet.writeUInt16BE(this.#sequence++ & 0xffff, 2)
    packet.writeUInt32BE(timestamp >>> 0, 4)
    packet.writeUInt32BE(this.#ssrc, 8)
    packet.write(words, 12, 'latin1')
    this.#timestamp += 8 * PACKET_EVERY
    this.#socket.send(packet, to)
  }

  close(): void {
    this.#socket.close()
    this.#rtcp.close()
  }

  // Packets without a payload only keep the NAT open.
  #take(packet: Buffer, from: Endpoint): void {
    if (packet.length <= 12) return
    this.heard.push({
      payloadType: packet.readUInt8(1) & 0x7f,
      sequence: packet.readUInt16BE(2),
      timestamp: packet.readUInt32BE(4),
      ssrc: packet.readUInt32BE(8),
      words: packet.toString('latin1', 12),
      from,
    })
  }
}
