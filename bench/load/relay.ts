import type { Socket } from 'node:dgram'
import { callees } from '../lib/callees.ts'
import { callers } from '../lib/callers.ts'
import { runLoad, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { bound } from '../lib/phoneSocket.ts'

// `rate` calls are up and each side sends G.711: 172 octets every 20 ms, all packets evenly spread. A packet carries
// the time it was sent, so what comes out on the other side tells the delay through the relay.

const packetsPerSecond = 50

/** Delays of packets sent `since`, ms; 0: none are taken yet. */
interface Delays {
  since: number
  readonly times: number[]
}

interface Side {
  readonly socket: Socket
  relay: number
}

await runLoad(async ({ server, rate: calls, seconds, relays }) => {
  const delays: Delays = { since: 0, times: [] }
  const sides = (count: number): Promise<Side[]> => Promise.all(Array.from({ length: count }, () => side(delays)))
  const [left, right] = [await sides(calls), await sides(calls)]
  if (relays) connectBare(relays, left, right)
  else await connectBySip(server, left, right)
  const senders = left.flatMap((caller, i) => [caller, right[i] ?? caller])
  const packet = Buffer.alloc(172)
  packet[0] = 0x80
  let sent = 0
  const send = (n: number) => {
    packet.writeUInt16BE((Math.floor(sent / senders.length) + 1) & 0xffff, 2)
    packet.writeUInt32BE((Math.floor(sent / senders.length) * 160) >>> 0, 4)
    packet.writeUInt32BE(n % senders.length, 8)
    packet.writeDoubleBE(performance.now(), 12)
    const { socket, relay } = senders[n % senders.length] ?? { socket: left[0]?.socket, relay: 0 }
    // The socket may send later, when the buffer has been written anew.
    socket?.send(Buffer.from(packet), relay, '127.0.0.1')
    sent++
  }
  const rate = senders.length * packetsPerSecond
  await pace(rate, rate, send)
  return async () => {
    delays.since = performance.now()
    const total = rate * seconds
    const lateness = await pace(rate, total, send)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const latency = { oneWay: percentiles(delays.times) }
    return { started: total, completed: delays.times.length, latency, lateness: percentiles(lateness) }
  }
})

async function side(delays: Delays): Promise<Side> {
  const socket = await bound()
  socket.on('message', (bytes) => {
    const sentAt = bytes.length === 172 ? bytes.readDoubleBE(12) : 0
    if (delays.since > 0 && sentAt >= delays.since) delays.times.push(performance.now() - sentAt)
  })
  return { socket, relay: 0 }
}

function connectBare(relays: readonly (readonly [number, number])[], left: Side[], right: Side[]): void {
  for (const [i, [a, b]] of relays.entries()) {
    const [caller, callee] = [left[i], right[i]]
    if (!caller || !callee) return
    caller.relay = a
    callee.relay = b
  }
}

/** One call after the other; any callee's side serves for any call. */
async function connectBySip(server: number, left: Side[], right: Side[]): Promise<void> {
  const waiting = right.values()
  await callees(server, [user(1)], (serverPort) => {
    const { value } = waiting.next()
    if (!value) throw new Error('more calls came than were placed')
    value.relay = serverPort
    return value.socket.address().port
  })
  const { place } = await callers(server)
  for (const caller of left) {
    await new Promise<void>((up) =>
      place({
        who: user(0),
        to: user(1).user,
        rtpPort: caller.socket.address().port,
        answered(_time, serverPort) {
          caller.relay = serverPort
          up()
        },
        ended() {},
      }),
    )
  }
}
