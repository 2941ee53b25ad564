import type { Millis } from '../../../src/platform/clock.ts'
import type { Seeded } from '../virtual/random.ts'

/** A packet's way through a network, ms on the receiver's clock; one that is lost never arrives: Infinity. */
export interface Passage {
  readonly sent: Millis
  readonly arrived: Millis
}

/** A packet every so many ms of its sender's clock. */
export const SPACING: Millis = 20
/** The quickest way through the network, ms. */
export const TRANSIT: Millis = 40

/** What networks do to packets, by name. */
export const traces = {
  /** Jitter of 1 ms. */
  steady: (random) => path(random, 0, () => gaussian(random)),
  /** Calm but for a stall of 100 to 300 ms every ten seconds or so. */
  spikes: (random) => path(random, 0, () => 2 * Math.abs(gaussian(random)), { every: 10_000, from: 100, to: 300 }),
  fast: (random) => path(random, 300, () => Math.abs(gaussian(random))),
  slow: (random) => path(random, -300, () => Math.abs(gaussian(random))),
  /** Delays of a gamma distribution, 8 ms on average, and stalls of 60 ms, after which all comes at once. */
  wifi: (random) => path(random, 0, () => gamma2(random, 4), { every: 3000, from: 40, to: 60 }),
  /** A loss of 5 % in bursts of two on average. */
  loss: (random) =>
    lossy(
      random,
      path(random, 0, () => Math.abs(2 * gaussian(random))),
    ),
} as const satisfies Record<string, (random: Seeded) => (count: number) => Passage[]>

export type TraceName = keyof typeof traces

interface Stalls {
  /** How often, ms on average, and how long. */
  readonly every: Millis
  readonly from: Millis
  readonly to: Millis
}

/** A network that keeps the order of packets. The sender's clock is `ppm` fast. */
function path(random: Seeded, ppm: number, jitter: () => Millis, stalls?: Stalls): (count: number) => Passage[] {
  return (count) => {
    const passages: Passage[] = []
    let before = 0
    let stalledTo = 0
    for (let i = 0; i < count; i++) {
      const sent = i * SPACING * (1 - ppm / 1e6)
      if (stalls && random.fraction() < SPACING / stalls.every) {
        stalledTo = sent + TRANSIT + stalls.from + random.fraction() * (stalls.to - stalls.from)
      }
      before = Math.max(before + 0.1, sent + TRANSIT + Math.max(0, jitter()), stalledTo)
      passages.push({ sent, arrived: before })
    }
    return passages
  }
}

/** Gilbert's model: of packets 5 % are lost, of those after a lost one half. */
function lossy(random: Seeded, through: (count: number) => Passage[]): (count: number) => Passage[] {
  return (count) => {
    let isLost = false
    return through(count).map((passage) => {
      isLost = random.fraction() < (isLost ? 0.5 : 0.0263)
      return isLost ? { ...passage, arrived: Number.POSITIVE_INFINITY } : passage
    })
  }
}

function gaussian(random: Seeded): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
}

/** Of shape 2, and so 2 · `scale` on average. */
function gamma2(random: Seeded, scale: number): number {
  return -scale * (Math.log(1 - random.fraction()) + Math.log(1 - random.fraction()))
}

/** What fraction of the packets that arrive would come too late for a buffer of a fixed `delay` beyond the quickest way. */
function lateShare(passages: readonly Passage[], delay: Millis, pull: Millis, phase: Millis): number {
  let late = 0
  for (const { sent, arrived } of passages) {
    const played = sent + TRANSIT + delay
    const needed = pull === 0 ? played : Math.floor((played - phase) / pull) * pull + phase
    if (arrived !== Number.POSITIVE_INFINITY && arrived > needed + 1e-9) late++
  }
  return late / passages.length
}

/**
 * The delay of the best fixed buffer that has no more than a share of `late` packets too late, ms: it knows the quickest way and
 * the sender's clock. Its frames are pulled every `pull` ms from `phase` on; 0: at once.
 */
export function bestFixedDelay(passages: readonly Passage[], late: number, pull: Millis, phase: Millis): Millis {
  let delay = 0
  while (delay < 1000 && lateShare(passages, delay, pull, phase) > late) delay++
  return delay
}
