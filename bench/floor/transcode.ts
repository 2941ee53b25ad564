import { createSocket, type Socket } from 'node:dgram'
import type { Decoder, Encoder } from '../../src/codecs/codec.ts'
import { pcmu } from '../../src/codecs/g711.ts'
import { opus } from '../../src/codecs/opus/opus.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'

// What it costs at the very least to turn PCMU into Opus and back: each packet is decoded as it comes, encoded and sent, by
// the codecs that the server has, as it sets them. No jitter buffer and no beat; sockets and sleep as those of floor/relay.ts.
const [, , calls, fmtp] = process.argv
await loadOpus()
const cell = new Int32Array(new SharedArrayBuffer(4))
const narrowOpus = opus(8000, opusSettings(fmtp ?? null))
const open = () =>
  new Promise<Socket>((resolve) => {
    const socket = createSocket({ type: 'udp4' }).bind(0, '127.0.0.1', () => resolve(socket))
  })
const peers = new Set<Socket>()
const pcm = new Int16Array(160)
function transcode(from: Socket, decoder: Decoder, to: Socket, encoder: Encoder, type: number, ticks: number): void {
  let frame = 0
  from.on('message', (bytes, { port }) => {
    decoder.decode(bytes.subarray(12), pcm)
    const packet = Buffer.allocUnsafe(400)
    const octets = encoder.encode(pcm, packet.subarray(12))
    packet.writeUInt16BE(0x8000 | type, 0)
    packet.writeUInt16BE(++frame & 0xffff, 2)
    packet.writeUInt32BE((frame * ticks) >>> 0, 4)
    if (peers.has(to)) to.send(packet.subarray(0, 12 + octets))
    if (!peers.has(from)) from.connect(port, '127.0.0.1', () => peers.add(from))
  })
}
const ports: number[][] = []
for (let i = 0; i < Number(calls); i++) {
  const [a, b] = [await open(), await open()]
  transcode(a, pcmu.decoder(), b, narrowOpus.encoder(), 107, 960)
  transcode(b, narrowOpus.decoder(), a, pcmu.encoder(), 0, 160)
  ports.push([a.address().port, b.address().port])
}
function tick(): void {
  Atomics.wait(cell, 0, 0, 1)
  setImmediate(tick)
}
tick()
console.log(JSON.stringify({ relays: ports }))
