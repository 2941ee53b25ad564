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

/** A phone's ear and mouth: packets whose payload is text, so that a test can tell who speaks. */
export interface PhoneMedia {
  readonly heard: readonly Heard[]
  readonly port: number
  /** Of the packet that it sends next. */
  readonly timestamp: number
  /** Sends one packet that says `words` to `to`; an event has the `timestamp` of when it began. */
  says(words: string, to: Endpoint, payloadType?: number, timestamp?: number): void
  close(): void
}

/** A virtual phone's ear and mouth: RTP whose payload is text, so that a test can tell who speaks. */
export class VirtualAudio implements PhoneMedia {
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

  says(words: string, to: Endpoint, payloadType = 0, timestamp = this.#timestamp): void {
    const packet = packetOf(words, { payloadType, sequence: this.#sequence++, timestamp, ssrc: this.#ssrc })
    this.#timestamp += 8 * PACKET_EVERY
    this.#socket.send(packet, to)
  }

  close(): void {
    this.#socket.close()
    this.#rtcp.close()
  }

  #take(packet: Buffer, from: Endpoint): void {
    const heard = heardIn(packet, from)
    if (heard) this.heard.push(heard)
  }
}

/** An RTP packet; `extension`: its header extension, whole (RFC 3550 §5.3.1). */
export function packetOf(
  words: string,
  { payloadType, sequence, timestamp, ssrc }: Omit<Heard, 'words' | 'from'>,
  extension: Uint8Array | null = null,
): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt16BE((extension ? 0x9000 : 0x8000) | payloadType, 0)
  header.writeUInt16BE(sequence & 0xffff, 2)
  header.writeUInt32BE(timestamp >>> 0, 4)
  header.writeUInt32BE(ssrc, 8)
  return Buffer.concat([header, extension ?? Buffer.alloc(0), Buffer.from(words, 'latin1')])
}

/** What a packet says; null: it only keeps a NAT open. A header extension, which nobody agreed to, is taken for words. */
export function heardIn(packet: Buffer, from: Endpoint): Heard | null {
  if (packet.length <= 12) return null
  return {
    payloadType: packet.readUInt8(1) & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    words: packet.toString('latin1', 12),
    from,
  }
}
