import { loadOpus } from '../../src/codecs/opus/opusLibrary.ts'
import { createHandshakes } from '../../src/webrtc/dtls/localHandshakes.ts'
import { type Browser, bareBrowser, openBrowser } from '../lib/browser.ts'
import { callees } from '../lib/callees.ts'
import { callers } from '../lib/callers.ts'
import { type LoadResult, runLoad, settled, user } from '../lib/loadProcess.ts'
import { pace } from '../lib/pacer.ts'
import { percentiles } from '../lib/percentiles.ts'
import { type Side, sides } from '../lib/sides.ts'
import { Spoken } from '../lib/spoken.ts'
import { type Heard, Stream } from '../lib/stream.ts'

// `rate` calls are up from browsers (ICE, DTLS, SRTP, Opus) to phones of PCMU, and both talk without a break, 50 packets a second
// and side, all evenly spread. Judged is how evenly the packets come out on the other side, and which of them never do.

const packetsPerSecond = 50
/** Before the measurement: V8 compiles what it runs often, and a jitter buffer learns how the network is. */
const warmUp = 3
/** What passes between the warm-up and the measurement (`runLoad`), and until it is noticed that it is over, s. */
const between = 1.5
/** For the last of them to have its keys, ms. */
const patience = 10_000

await runLoad(async ({ server, rate: calls, seconds, relays }) => {
  await loadOpus()
  const left = Array.from({ length: calls }, () => new Stream(960))
  const right = Array.from({ length: calls }, () => new Stream(160))
  const phones = await sides(calls, (packet, index) => right[index]?.take(packet, performance.now()))
  const hears = (index: number) => (packet: Buffer) => left[index]?.take(packet, performance.now())
  const browsers = relays ? await bare(relays, phones, hears) : await bySip(server, phones, hears)
  const [opus, pcmu] = [new Spoken('opus'), new Spoken('pcmu')]
  const rate = 2 * calls * packetsPerSecond
  const late = pace(rate, rate * (warmUp + between + seconds), (n) => {
    const [index, frame] = [(n % (2 * calls)) >> 1, Math.floor(n / (2 * calls))]
    const phone = phones[index]
    if (n % 2 === 0) browsers[index]?.send(opus.packet(index, frame))
    else phone?.socket.send(pcmu.packet(index, frame), phone.relay, '127.0.0.1')
  })
  await passed(warmUp)
  return async () => {
    for (const stream of [...left, ...right]) stream.begin()
    await passed(seconds)
    const [toBrowser, toPhone] = [left, right].map((all) => all.map((each) => each.end(seconds * packetsPerSecond)))
    const lateness = await late
    return result(toBrowser ?? [], toPhone ?? [], lateness.slice(-rate * seconds))
  }
})

type Hears = (index: number) => (packet: Buffer) => void

async function bare(
  relays: readonly (readonly [number, number])[],
  phones: readonly Side[],
  hears: Hears,
): Promise<Browser[]> {
  for (const [index, [, port]] of relays.entries()) {
    const phone = phones[index]
    if (phone) phone.relay = port
  }
  return Promise.all(relays.map(([port], index) => bareBrowser(() => port, { packet: hears(index) })))
}

/** Calls from browsers to `phones`, one after the other: the n-th to the n-th, for an INVITE is answered before the next is sent. */
async function bySip(server: number, phones: readonly Side[], hears: Hears): Promise<Browser[]> {
  const handshakes = await createHandshakes()
  const waiting = phones.values()
  const media = (serverPort: number) => {
    const { value } = waiting.next()
    if (!value) throw new Error('more calls came than were placed')
    value.relay = serverPort
    return value.socket.address().port
  }
  await callees(server, [user(1)], media, 'pcmu')
  const { place } = await callers(server)
  let secured = 0
  const browsers: Browser[] = []
  for (const index of phones.keys()) {
    const browser = await openBrowser(handshakes, { packet: hears(index), secured: () => secured++ })
    browsers.push(browser)
    await new Promise<void>((up) =>
      place({
        ...{ who: user(0), to: user(1).user, rtpPort: 0, offer: browser.offer },
        answered(_time, _serverPort, _hangUp, answer) {
          browser.answered(answer)
          up()
        },
        ended() {},
      }),
    )
  }
  await settled(patience, () => secured === phones.length)
  if (secured < phones.length) throw new Error(`${secured} of ${phones.length} browsers have keys`)
  return browsers
}

function result(toBrowser: readonly Heard[], toPhone: readonly Heard[], late: readonly number[]): LoadResult {
  const all = [...toBrowser, ...toPhone]
  const evenness = (heard: readonly Heard[]) => percentiles(heard.flatMap(({ uneven }) => uneven))
  return {
    started: all.reduce((sum, { expected }) => sum + expected, 0),
    completed: all.reduce((sum, { received }) => sum + received, 0),
    latency: { unevenBrowser: evenness(toBrowser), unevenPhone: evenness(toPhone) },
    lateness: percentiles(late),
  }
}

function passed(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
