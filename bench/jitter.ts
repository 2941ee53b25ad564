import { Playout } from '../src/media/playout/playout.ts'
import { listen } from '../test/support/playout/listen.ts'
import { speech } from '../test/support/playout/speech.ts'
import { bestFixedDelay, SPACING, TRANSIT, type TraceName, traces } from '../test/support/playout/traces.ts'
import { seededRandom } from '../test/support/virtual/random.ts'
import { median } from './lib/percentiles.ts'

/** Length of a frame that is pulled, ms. */
const FRAME = 20
/** Frames of a round that is timed. */
const FRAMES = 50_000
const names: readonly TraceName[] = ['steady', 'spikes', 'fast', 'slow', 'wifi', 'loss']

/**
 * Plays speech through networks of each kind, `runs` times for `seconds`, and sets it beside the best buffer of a fixed delay
 * that has no more packets too late than what was concealed here for packets that were: all ms beyond the quickest way, or %.
 */
export async function benchJitter(seconds: number, runs: number): Promise<{ report: object; text: string }> {
  const results: Record<string, Played> = {}
  for (const name of names) results[name] = meanOf(Array.from({ length: runs }, (_, run) => play(name, seconds, run)))
  const cost = costOfFrame()
  const line = ([name, played]: [string, Played]) =>
    `${name}: ${played.delay} ms (fixed ${played.fixed}, without frames ${played.ideal}), late ${played.late} %, concealed ${played.concealed} % (${played.concealedLate} % late), stretched ${played.stretched} %`
  return {
    report: {
      seconds,
      runs,
      units: { delay: 'ms', fixed: 'ms', ideal: 'ms', cost: 'µs', others: '%' },
      cost,
      traces: results,
    },
    text: [`${cost} µs a packet and its frame, beside decoding`, ...Object.entries(results).map(line)].join('\n'),
  }
}

interface Played {
  /** Mean delay, and the delay of the best fixed buffer with the same frames, and with none. */
  readonly delay: number
  readonly fixed: number
  readonly ideal: number
  /** Packets that came and were not played. */
  readonly late: number
  /** Sound that was made up, and that part of it for which packets came, but too late. */
  readonly concealed: number
  readonly concealedLate: number
  /** Sound that was taken out or put in. */
  readonly stretched: number
}

function play(name: TraceName, seconds: number, run: number): Played {
  const random = seededRandom(run + 1)
  const passages = traces[name](random)((seconds * 1000) / SPACING)
  const phase = (FRAME * run) / 7.3
  const { playout, delays } = listen(speech(random, seconds), passages, FRAME, phase)
  const { late, dropped, concealed, removed, inserted } = playout.stats
  const lost = passages.filter(({ arrived }) => arrived === Number.POSITIVE_INFINITY).length
  const concealedLate = Math.max(0, concealed - lost * SPACING) / (seconds * 1000)
  return {
    delay: delays.reduce((sum, delay) => sum + delay, 0) / delays.length - TRANSIT,
    fixed: bestFixedDelay(passages, concealedLate, FRAME, phase),
    ideal: bestFixedDelay(passages, concealedLate, 0, phase),
    late: (100 * (late + dropped)) / passages.length,
    concealed: concealed / (seconds * 10),
    concealedLate: 100 * concealedLate,
    stretched: (removed + inserted) / (seconds * 10),
  }
}

function meanOf(played: readonly Played[]): Played {
  const mean = (name: keyof Played) =>
    Math.round((100 * played.reduce((sum, one) => sum + one[name], 0)) / played.length) / 100
  return {
    delay: mean('delay'),
    fixed: mean('fixed'),
    ideal: mean('ideal'),
    late: mean('late'),
    concealed: mean('concealed'),
    concealedLate: mean('concealedLate'),
    stretched: mean('stretched'),
  }
}

/** What a packet and its frame cost of a steady stream at 8 kHz, with a decoder that does nothing, µs: the median of ten rounds. */
function costOfFrame(): number {
  const decoder = { decode: () => 160, conceal: () => {} }
  const format = { codec: 'PCMU/8000', clockRate: 8000, receive: 0 }
  const playout = new Playout(8000, () => ({ decoder, sampleRate: 8000 }))
  const packet = Buffer.alloc(172)
  packet[0] = 0x80
  const out = new Int16Array(160)
  let sent = 0
  const round = () => {
    const begun = performance.now()
    for (const end = sent + FRAMES; sent < end; sent++) {
      packet.writeUInt16BE(sent & 0xffff, 2)
      packet.writeUInt32BE((sent * 160) >>> 0, 4)
      playout.push(packet, 160, format, sent * FRAME)
      playout.pull(out, sent * FRAME + 1)
    }
    return ((performance.now() - begun) * 1000) / FRAMES
  }
  round()
  return median(Array.from({ length: 10 }, round))
}
