import type { Measured } from './measure.ts'
import { median, type Percentiles } from './percentiles.ts'

/** A run counts only if its generator sent 99 of 100 things at most this late, ms: else it measured the generator. */
const LATE = 2

/** One thing under measurement, Offhook or a floor, and its runs so far. */
export class Subject {
  readonly #measure: () => Promise<Measured>
  readonly #cpuOf: (measured: Measured) => number
  readonly #kept: Measured[] = []
  #late = 0

  /** `cpuOf`: the figure of CPU time that is compared. */
  constructor(measure: () => Promise<Measured>, cpuOf: (measured: Measured) => number) {
    this.#measure = measure
    this.#cpuOf = cpuOf
  }

  get kept(): number {
    return this.#kept.length
  }

  async run(): Promise<void> {
    const measured = await this.#measure()
    if (measured.load.lateness.p99 > LATE) this.#late++
    else this.#kept.push(measured)
  }

  /** Medians over the runs that count. */
  summary() {
    const loads = this.#kept.map(({ load }) => load)
    const latencies = Object.keys(loads[0]?.latency ?? {})
    const latencyOf = (name: string) => medians(loads.flatMap(({ latency }) => latency[name] ?? []))
    return {
      cpu: median(this.#kept.map(this.#cpuOf)),
      runs: this.#kept.length,
      lateRuns: this.#late,
      started: sum(loads.map(({ started }) => started)),
      completed: sum(loads.map(({ completed }) => completed)),
      latency: Object.fromEntries(latencies.map((name) => [name, latencyOf(name)])),
      generatorLateness: medians(loads.map(({ lateness }) => lateness)),
    }
  }
}

export type Summary = ReturnType<Subject['summary']>

/**
 * Runs each of `subjects` until it has `runs` that count, in turns, so that whatever else the machine does meets all
 * alike. Gives up on one that was late as often as it should have run.
 */
export async function inTurns(subjects: readonly Subject[], runs: number): Promise<void> {
  for (let turn = 0; turn < 2 * runs; turn++) {
    for (const subject of subjects) if (subject.kept < runs) await subject.run()
  }
}

function medians(all: readonly Percentiles[]): Percentiles {
  const of = (name: keyof Percentiles) => median(all.map((one) => one[name]))
  return { count: sum(all.map(({ count }) => count)), p50: of('p50'), p95: of('p95'), p99: of('p99'), max: of('max') }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
