import type { Measured } from './measure.ts'
import { median, type Percentiles } from './percentiles.ts'
import type { Slip } from './slip.ts'

/** A round counts only if its generator sent 99 of 100 things at most this late, ms: else it measured the generator. */
const LATE = 2

/** Late rounds after which a subject is given up: on a machine so busy the next one would be late as well. */
const MOST_LATE = 3

/** A subject was given up before it had one round that counts. */
export class TooLate extends Error {}

/** One thing under measurement, Offhook or a floor, and its rounds so far. */
export class Subject {
  readonly who: string
  readonly #measure: () => Promise<Measured>
  readonly #cpuOf: (measured: Measured) => number
  readonly #kept: Measured[] = []
  readonly #mayBeLate: number
  #late = 0

  /** `cpuOf`: the figure of CPU time that is compared. `mayBeLate`: how late the generator may be, ms. */
  constructor(who: string, measure: () => Promise<Measured>, cpuOf: (measured: Measured) => number, mayBeLate = LATE) {
    this.who = who
    this.#measure = measure
    this.#cpuOf = cpuOf
    this.#mayBeLate = mayBeLate
  }

  /** Whether it still needs a round to have `runs` that count. */
  wants(runs: number): boolean {
    return this.#kept.length < runs && this.#late < MOST_LATE
  }

  /** Measures it once; gives what came of that, for people. */
  async round(): Promise<string> {
    const measured = await this.#measure()
    const { started, completed, lateness } = measured.load
    if (completed === 0) throw new Error(`${this.who} did nothing of what was asked of it, ${started} times`)
    if (lateness.p99 > this.#mayBeLate) return this.#discard(lateness.p99)
    this.#kept.push(measured)
    const { slip } = measured
    const late = slip ? `, sound at most ${slip.worst} ms late, ${started - completed} packets lost` : ''
    return `${this.who}: ${median([this.#cpuOf(measured)])}${late}`
  }

  #discard(late: number): string {
    this.#late++
    if (this.#late === MOST_LATE && this.#kept.length === 0) {
      throw new TooLate(`no round of ${this.who} counts: in all ${MOST_LATE} the load generator was late (${late} ms)`)
    }
    return `${this.who}: discarded, the load generator was late (${late} ms)`
  }

  /** Medians over the rounds that count, of which there must be one. */
  summary() {
    const loads = this.#kept.map(({ load }) => load)
    const latencies = Object.keys(loads[0]?.latency ?? {})
    const latencyOf = (name: string) => medians(loads.flatMap(({ latency }) => latency[name] ?? []))
    return {
      who: this.who,
      cpu: median(this.#kept.map(this.#cpuOf)),
      runs: this.#kept.length,
      lateRuns: this.#late,
      started: sum(loads.map(({ started }) => started)),
      completed: sum(loads.map(({ completed }) => completed)),
      latency: Object.fromEntries(latencies.map((name) => [name, latencyOf(name)])),
      slip: slips(this.#kept),
      cores: (this.#kept[0]?.cores ?? []).map((_, core) => median(this.#kept.map(({ cores }) => cores[core] ?? 0))),
      generatorLateness: medians(loads.map(({ lateness }) => lateness)),
    }
  }
}

export type Summary = ReturnType<Subject['summary']>

/**
 * Runs each of `subjects` until it has `runs` rounds that count, in turns, so that whatever else the machine does meets
 * all alike; tells of each round as it ends. One that is late too often has to do with fewer; throws TooLate where it has
 * none.
 */
export async function inTurns(
  subjects: readonly Subject[],
  runs: number,
  tell: (round: string) => void,
): Promise<void> {
  for (;;) {
    const waiting = subjects.filter((subject) => subject.wants(runs))
    if (waiting.length === 0) return
    for (const subject of waiting) tell(await subject.round())
  }
}

function medians(all: readonly Percentiles[]): Percentiles {
  const of = (name: keyof Percentiles) => median(all.map((one) => one[name]))
  return { count: sum(all.map(({ count }) => count)), p50: of('p50'), p95: of('p95'), p99: of('p99'), max: of('max') }
}

/** Over all rounds, the worst of the worst; null: none was asked. */
function slips(rounds: readonly Measured[]): Slip | null {
  const all = rounds.flatMap(({ slip }) => slip ?? [])
  if (all.length === 0) return null
  return {
    turns: sum(all.map(({ turns }) => turns)),
    p99: median(all.map(({ p99 }) => p99)),
    worst: Math.max(...all.map(({ worst }) => worst)),
    over20: sum(all.map(({ over20 }) => over20)),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
