import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { pcmu } from '../../../src/codecs/g711.ts'
import type { Millis } from '../../../src/platform/clock.ts'
import { isRtcp, payloadLength, payloadOffset, payloadType, sequenceNumber } from '../../../src/rtp/packet.ts'
import { until } from '../deadline.ts'
import { freePort } from '../freePort.ts'

/** How much later than without delay each copy of a packet arrives, ms: none, and it is lost; two, and it comes twice. */
export type Passage = readonly Millis[]

/**
 * The RTP of a phone whose SIP another program speaks, as SIPp does: PCMU in packets of 20 ms, and nothing else. It sends
 * to where packets come from, and has to be sent some first.
 */
export interface RtpEnd {
  readonly port: number
  /** Sends `sound` (8000 Hz); its packets arrive as `passages` say, one each, or else in time. Resolves when all have left. */
  plays(sound: Int16Array, passages?: readonly Passage[]): Promise<void>
  /** What came so far, by sequence number: what did not come makes it shorter. */
  heard(): Int16Array
  /** Payload types of what came. */
  payloadTypes(): ReadonlySet<number>
  stop(): Promise<void>
}

const FRAME = 160
const PTIME: Millis = 20
const HEADER = 12
const PCMU = 0
const SSRC = 0x5eed

/** Binds a port of 127.0.0.1. */
export async function startRtpEnd(): Promise<RtpEnd> {
  // RTCP, which is not answered, has the port behind.
  const port = await freePort(2)
  const socket = createSocket('udp4')
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  const packets: Uint8Array[] = []
  let peer: RemoteInfo | undefined
  socket.on('message', (packet, from) => {
    if (isRtcp(packet) || payloadLength(packet) < 0) return
    peer = from
    packets.push(packet)
  })
  let sent = 0
  return {
    port,
    async plays(sound, passages) {
      const { address, port } = await until(8000, 'the first RTP packet', () => peer)
      const leaving = departures(framesOf(sound, sent), passages)
      sent += Math.floor(sound.length / FRAME)
      await paced(leaving, (packet) => socket.send(packet, port, address))
    },
    heard: () => decoded(packets),
    payloadTypes: () => new Set(packets.map(payloadType)),
    stop: () => closed(socket),
  }
}

/** RTP packets of `sound`, the first of them number `from`. */
function framesOf(sound: Int16Array, from: number): Uint8Array[] {
  const encoder = pcmu.encoder()
  return Array.from({ length: Math.floor(sound.length / FRAME) }, (_, i) => {
    const packet = Buffer.alloc(HEADER + FRAME)
    packet[0] = 0x80
    packet[1] = from + i === 0 ? 0x80 | PCMU : PCMU
    packet.writeUInt16BE((from + i) & 0xffff, 2)
    packet.writeUInt32BE((from + i) * FRAME, 4)
    packet.writeUInt32BE(SSRC, 8)
    encoder.encode(sound.subarray(i * FRAME, (i + 1) * FRAME), packet.subarray(HEADER))
    return packet
  })
}

interface Departure {
  readonly at: Millis
  readonly packet: Uint8Array
}

function departures(packets: readonly Uint8Array[], passages?: readonly Passage[]): Departure[] {
  const all = packets.flatMap((packet, i) => {
    return (passages?.[i] ?? [0]).map((delay) => ({ at: i * PTIME + delay, packet }))
  })
  return all.sort((a, b) => a.at - b.at)
}

/** Sends each in its time from now on; one that is late does not put off those behind it. */
function paced(leaving: readonly Departure[], send: (packet: Uint8Array) => void): Promise<void> {
  const start = performance.now()
  let next = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now() - start
      for (let due = leaving[next]; due && due.at <= now; due = leaving[++next]) send(due.packet)
      if (next < leaving.length) return
      clearInterval(timer)
      resolve()
    }, 2)
  })
}

function decoded(packets: readonly Uint8Array[]): Int16Array {
  const decoder = pcmu.decoder()
  const first = packets[0]
  if (!first) return new Int16Array(0)
  const place = (packet: Uint8Array) => ((sequenceNumber(packet) - sequenceNumber(first) + 0x8000) & 0xffff) - 0x8000
  const voice = packets.filter((packet) => payloadType(packet) === PCMU).sort((a, b) => place(a) - place(b))
  const frames = voice.map((packet) => {
    const at = payloadOffset(packet)
    const pcm = new Int16Array(payloadLength(packet))
    decoder.decode(packet.subarray(at, at + pcm.length), pcm)
    return pcm
  })
  return Int16Array.from(frames.flatMap((frame) => [...frame]))
}

async function closed(socket: Socket): Promise<void> {
  socket.close()
  await once(socket, 'close')
}
