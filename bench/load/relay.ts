import { newcomersBeside } from '../lib/beside.ts'
import { runLoad } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { connectBare, connectBySip, sides } from '../lib/sides.ts'
import { payloadTypeOf } from '../lib/sipText.ts'

// `rate` calls are up and each side sends G.711: 172 octets every 20 ms, all packets evenly spread. A packet carries its number,
// by which the time is found when it was sent, so what comes out on the other side tells the delay through the relay. Others may
// set up calls meanwhile (newcomers).

const packetsPerSecond = 50
const length = 172
const header = 12
/** Packets whose times are remembered: those of the last seconds. */
const remembered = 1 << 18
/** Bits of a packet's number, one octet each. */
const bits = 24

await runLoad(async (options) => {
  const { server, rate: calls, seconds, relays, codecs = ['pcmu', 'pcmu'] } = options
  const delays: number[] = []
  const sentAt = new Float64Array(remembered)
  /** Delays of packets sent since then are taken, ms; 0: none are yet. */
  let since = 0
  const receive = (packet: Buffer) => {
    const at = packet.length === length ? (sentAt[numberIn(packet) % remembered] ?? 0) : 0
    if (since > 0 && at >= since) delays.push(performance.now() - at)
  }
  const [left, right] = [await sides(calls, receive), await sides(calls, receive)]
  if (relays) connectBare(relays, left, right)
  else await connectBySip(server, left, right, codecs)
  const senders = left.flatMap((caller, i) => [caller, right[i] ?? caller])
  const types = codecs.map(payloadTypeOf)
  let sent = 0
  const send = (n: number) => {
    const index = n % senders.length
    const frame = Math.floor(sent / senders.length)
    // A new one each time, for the socket may send later.
    const packet = Buffer.alloc(length)
    packet[0] = 0x80
    packet[1] = types[index % 2] ?? 0
    packet.writeUInt16BE((frame + 1) & 0xffff, 2)
    packet.writeUInt32BE((frame * 160) >>> 0, 4)
    packet.writeUInt32BE(index, 8)
    writeNumber(packet, sent)
    sentAt[sent++ % remembered] = performance.now()
    const sender = senders[index]
    sender?.socket.send(packet, sender.relay, '127.0.0.1')
  }
  const rate = senders.length * packetsPerSecond
  // Others need the core, too.
  const naps = options.newcomers !== undefined
  const [setups] = await Promise.all([newcomersBeside(options), pace(rate, rate, send, naps)])
  return async () => {
    setups.length = 0
    since = performance.now()
    const total = rate * seconds
    const lateness = await pace(rate, total, send, naps)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const media = setups.flatMap(({ media }) => media ?? [])
    const latency = { oneWay: percentiles(delays), ...(media.length > 0 && { newcomers: percentiles(media) }) }
    return { started: total, completed: delays.length, latency, lateness: percentiles(lateness) }
  }
})

/** As the signs of samples: either law keeps them in the first bit (ITU-T G.711), so that a table between leaves them as they are. */
function writeNumber(packet: Buffer, number: number): void {
  for (let bit = 0; bit < bits; bit++) packet[header + bit] = (number >> bit) & 1 ? 0x80 : 0
}

function numberIn(packet: Buffer): number {
  let number = 0
  for (let bit = 0; bit < bits; bit++) number |= ((packet[header + bit] ?? 0) >> 7) << bit
  return number
}
