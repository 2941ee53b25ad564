import { createSocket, type Socket } from 'node:dgram'

// What relaying G.711 costs at the very least: bare sockets, each connected to its peer by the first packet, bytes passed on
// as they are. Batched, the loop sleeps a millisecond between polls, so that each finds many packets.
const [, , calls, manner] = process.argv
const cell = new Int32Array(new SharedArrayBuffer(4))
const open = () =>
  new Promise<Socket>((resolve) => {
    const socket = createSocket({ type: 'udp4' }).bind(0, '127.0.0.1', () => resolve(socket))
  })
const peers = new Set<Socket>()
function relay(from: Socket, to: Socket): void {
  from.on('message', (bytes, { port }) => {
    if (peers.has(to)) to.send(bytes)
    if (!peers.has(from)) from.connect(port, '127.0.0.1', () => peers.add(from))
  })
}
const ports: number[][] = []
for (let i = 0; i < Number(calls); i++) {
  const [a, b] = [await open(), await open()]
  relay(a, b)
  relay(b, a)
  ports.push([a.address().port, b.address().port])
}
function tick(): void {
  Atomics.wait(cell, 0, 0, 1)
  setImmediate(tick)
}
if (manner === 'batched') tick()
console.log(JSON.stringify({ relays: ports }))
