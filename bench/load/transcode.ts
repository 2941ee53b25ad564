import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { type LoadOptions, type LoadResult, runLoad, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { registrations } from '../lib/registrations.ts'
import { connectBare, connectBySip, type Side, sides } from '../lib/sides.ts'
import { Spoken } from '../lib/spoken.ts'
import { type Heard, Stream } from '../lib/stream.ts'

// `rate` calls are up between phones of PCMU and phones of Opus, and both talk without a break, 50 packets a second and side,
// all evenly spread. Judged is how evenly the packets come out on the other side, and which of them never do.

const packetsPerSecond = 50
/** Before the measurement: V8 compiles what it runs often, and a jitter buffer learns how the network is. */
const warmUp = 3
/** What passes between the warm-up and the measurement (`runLoad`), and until it is noticed that it is over, s. */
const between = 1.5
const registered = 10_000

await runLoad(async (options) => {
  await loadOpus()
  const { server, rate: calls, seconds, relays, codecs = ['pcmu', 'opus'] } = options
  const [left, right] = [await phones(calls, 160), await phones(calls, 960)]
  if (relays) connectBare(relays, left.sides, right.sides)
  else await connectBySip(server, left.sides, right.sides, codecs)
  const spoken = codecs.map((codec) => new Spoken(codec))
  const senders = left.sides.flatMap((caller, i) => [caller, right.sides[i] ?? caller])
  const rate = senders.length * packetsPerSecond
  const late = pace(rate, rate * (warmUp + between + seconds), (n) => {
    const index = n % senders.length
    const packet = spoken[index % 2]?.packet(index, Math.floor(n / senders.length))
    const sender = senders[index]
    if (packet) sender?.socket.send(packet, sender.relay, '127.0.0.1')
  })
  const registering = await register(options)
  await passed(warmUp)
  return async () => {
    for (const stream of [...left.streams, ...right.streams]) stream.begin()
    registering.length = 0
    await passed(seconds)
    const all = [left, right].map(({ streams }) => streams.map((stream) => stream.end(seconds * packetsPerSecond)))
    const lateness = await late
    return result(all, registering.slice(), lateness.slice(-rate * seconds))
  }
})

/** The phones of one side, and what each of them hears. */
async function phones(count: number, ticks: number): Promise<{ sides: Side[]; streams: readonly Stream[] }> {
  const streams = Array.from({ length: count }, () => new Stream(ticks))
  return { streams, sides: await sides(count, (packet, index) => streams[index]?.take(packet, performance.now())) }
}

/** Others register meanwhile: gives the times that takes, as they come. */
async function register({ server, registrations: rate = 0, seconds }: LoadOptions): Promise<number[]> {
  const times: number[] = []
  if (rate === 0) return times
  const { register } = await registrations(server)
  void pace(rate, rate * (warmUp + between + seconds), (n) =>
    register(user(2 + (n % registered)), (time) => times.push(time)),
  )
  return times
}

function result(
  [pcmu, opus]: readonly (readonly Heard[])[],
  registering: readonly number[],
  late: readonly number[],
): LoadResult {
  const all = [...(pcmu ?? []), ...(opus ?? [])]
  return {
    started: all.reduce((sum, { expected }) => sum + expected, 0),
    completed: all.reduce((sum, { received }) => sum + received, 0),
    latency: {
      unevenPcmu: percentiles((pcmu ?? []).flatMap(({ uneven }) => uneven)),
      unevenOpus: percentiles((opus ?? []).flatMap(({ uneven }) => uneven)),
      ...(registering.length > 0 && { register: percentiles(registering) }),
    },
    lateness: percentiles(late),
  }
}

function passed(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
