import { createSocket, type Socket } from 'node:dgram'
import { pcmu } from '../../src/codecs/g711.ts'
import { opus } from '../../src/codecs/opus/opus.ts'
import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { opusSettings } from '../../src/codecs/opus/opusSettings.ts'
import { SrtpSession } from '../../src/rtp/srtp/srtpSession.ts'
import { bareKeys } from '../lib/bareKeys.ts'

// What a call between a browser and a phone of G.711 costs at the very least: as floor/transcode.ts, with the packets of the
// one side through SRTP. No ICE, no DTLS: the keys are there.
const [, , calls] = process.argv
await loadOpus()
const cell = new Int32Array(new SharedArrayBuffer(4))
const narrowOpus = opus(8000, opusSettings('minptime=10;useinbandfec=1'))
const open = () =>
  new Promise<Socket>((resolve) => {
    const socket = createSocket({ type: 'udp4' }).bind(0, '127.0.0.1', () => resolve(socket))
  })
const peers = new Set<Socket>()
const pcm = new Int16Array(160)
function meet(from: Socket, port: number): void {
  if (!peers.has(from)) from.connect(port, '127.0.0.1', () => peers.add(from))
}
function head(packet: Buffer, type: number, frame: number, ticks: number): void {
  packet.writeUInt16BE(0x8000 | type, 0)
  packet.writeUInt16BE(frame & 0xffff, 2)
  packet.writeUInt32BE((frame * ticks) >>> 0, 4)
  packet.writeUInt32BE(ticks, 8)
}
function carry(browser: Socket, phone: Socket): void {
  const srtp = new SrtpSession(bareKeys('floor'))
  const [hears, says] = [narrowOpus.decoder(), narrowOpus.encoder()]
  const [hearsPhone, saysPhone] = [pcmu.decoder(), pcmu.encoder()]
  const clear = Buffer.alloc(400)
  let [toPhone, toBrowser] = [0, 0]
  browser.on('message', (bytes, { port }) => {
    meet(browser, port)
    const rtp = srtp.unprotect(bytes)
    if (typeof rtp === 'string') return
    hears.decode(rtp.subarray(12), pcm)
    const packet = Buffer.allocUnsafe(172)
    saysPhone.encode(pcm, packet.subarray(12))
    head(packet, 0, ++toPhone, 160)
    if (peers.has(phone)) phone.send(packet)
  })
  phone.on('message', (bytes, { port }) => {
    meet(phone, port)
    hearsPhone.decode(bytes.subarray(12), pcm)
    const octets = says.encode(pcm, clear.subarray(12))
    head(clear, 107, ++toBrowser, 960)
    if (peers.has(browser)) browser.send(Buffer.from(srtp.protect(clear.subarray(0, 12 + octets))))
  })
}
const ports: number[][] = []
for (let i = 0; i < Number(calls); i++) {
  const [browser, phone] = [await open(), await open()]
  carry(browser, phone)
  ports.push([browser.address().port, phone.address().port])
}
function tick(): void {
  Atomics.wait(cell, 0, 0, 1)
  setImmediate(tick)
}
tick()
console.log(JSON.stringify({ relays: ports }))
