import t, { type Test } from 'tap'
import type { LegView } from '../../src/api/operations.ts'
import { dominantFrequency, gaps, heardFor, tone } from '../support/audio.ts'
import { until } from '../support/deadline.ts'
import { lossPattern } from '../support/loss.ts'
import type { Baresip } from '../support/phones/baresip.ts'
import { type Passage, startRtpEnd } from '../support/phones/rtpEnd.ts'
import { unless } from '../support/tools.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { type Scene, scene } from './people.ts'
import { sippCalls } from './sippCaller.ts'

const skip = unless('baresip', 'sipp')

const HZ = 440
const SECONDS = 6
/** A tone, and half a second of silence behind it, so that its end does not sound on as if it were lost. */
const SAID = new Int16Array(8000 * (SECONDS + 0.5))
SAID.set(tone(HZ, SECONDS).samples)
const PACKETS = SAID.length / 160
/** What is made up for what was lost is not quite the tone, ms. */
const CONCEALED = 40

/** One in twenty is lost, one in ten is late, one in fifty comes twice. The first and the last come, so that all counts. */
function badNetwork(seed: number): readonly Passage[] {
  const random = seededRandom(seed)
  return lossPattern(PACKETS, 0.05, 1.2, random).map((isLost, i) => {
    const delay = random.fraction() * (random.fraction() < 0.1 ? 80 : 10)
    const isDoubled = random.fraction() < 0.02
    if (i === 0 || i === PACKETS - 1) return [0]
    if (isLost) return []
    return isDoubled ? [delay, delay + 15] : [delay]
  })
}

t.test('PCMU that is lost, late, doubled and out of order is whole in Opus', { skip }, async (t) => {
  const people = await scene(t)
  const bob = await people.baresip('102', { tone: 880, codecs: 'opus/48000/2', sampleRate: 48000, channels: 2 })
  const passages = badNetwork(1)
  const { lost, doubled } = harm(passages)
  await speaks(t, people, bob, passages, async ({ stats }) => {
    t.equal(stats?.lost, lost - doubled, 'the loss is known, as RFC 3550 counts it')
    between(t, stats?.jitter, 3, 30, 'jitter, ms')
    between(t, stats?.mos.heard, 2.5, 4, 'MOS')
    between(t, stats?.playout?.lost, lost, lost + 0.02 * PACKETS, 'never played')
    between(t, stats?.playout?.late, 0, 0.02 * PACKETS, 'too late')
    between(t, stats?.playout?.delay, 20, 150, 'held back, ms')
    t.equal(await missedBy(people, 0), 0, 'bob misses nothing')
  })
  const sound = bob.recording()
  const missing = gaps(sound, HZ)
  t.equal(dominantFrequency(sound), HZ)
  const long = missing.filter(({ length }) => length > CONCEALED)
  t.strictSame(long, [], 'without a gap')
  const span = heardFor(sound, HZ) + missing.reduce((sum, { length }) => sum + length, 0)
  between(t, span, 980 * SECONDS, 1020 * SECONDS, 'heard from its beginning to its end, ms')
})

t.test('PCMU that is lost stays lost where packets pass', { skip }, async (t) => {
  const people = await scene(t)
  const bob = await people.baresip('102', { tone: 880, codecs: 'PCMU' })
  const passages = badNetwork(2).map((delays) => delays.slice(0, 1).map(() => 0))
  const { lost } = harm(passages)
  await speaks(t, people, bob, passages, async ({ stats }) => {
    t.match(stats, { lost, playout: null }, 'known on the way')
    t.equal(await missedBy(people, lost), lost, 'and to bob')
  })
  t.equal(dominantFrequency(bob.recording()), HZ)
})

/** 101 calls `bob` and sends a tone by way of `passages`; `check` looks at 101's leg before `bob` hangs up. */
async function speaks(
  t: Test,
  people: Scene,
  bob: Baresip,
  passages: readonly Passage[],
  check: (leg: LegView) => Promise<void>,
): Promise<void> {
  const rtp = await startRtpEnd()
  t.teardown(() => rtp.stop())
  const alice = await sippCalls(people, bob, rtp.port)
  await rtp.plays(SAID, passages)
  const { lost, doubled } = harm(passages)
  const leg = await until(4000, 'all packets to be counted', async () => {
    const [leg] = (await people.lastCall()).legs
    return leg?.stats?.received.packets === PACKETS - lost + doubled ? leg : undefined
  })
  await check(leg)
  await bob.hangsUp()
  t.match(await alice.finish(), { problem: '', successful: 1 }, 'the call')
}

/** How many packets 102 misses, as its reports say (RFC 3550 §6.4), which come every 5 s; waits a while for one that says `expected`. */
async function missedBy(people: Scene, expected: number): Promise<number | undefined> {
  let missed: number | undefined
  const reported = async () => {
    missed = (await people.lastCall()).legs[1]?.stats?.peer?.lostTotal
    return missed === expected || undefined
  }
  await until(10_000, 'a report', reported).catch(() => {})
  return missed
}

/** How many packets do not arrive, and how many do twice. */
function harm(passages: readonly Passage[]): { readonly lost: number; readonly doubled: number } {
  const coming = (times: number) => passages.filter(({ length }) => length === times).length
  return { lost: coming(0), doubled: coming(2) }
}

function between(t: Test, value: number | null | undefined, least: number, most: number, what: string): void {
  t.ok(typeof value === 'number' && value >= least && value <= most, `${what}: ${value}, of ${least} to ${most}`)
}
