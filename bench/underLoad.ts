import { type Bench, SHARING } from './benches.ts'
import { inTurns, Subject, type Summary } from './lib/rounds.ts'

/** Measures `bench` and its floors: a report for programs, and one for people. Each round is told on stderr as it ends. */
export async function benchUnderLoad(
  bench: Bench,
  rate: number,
  seconds: number,
  runs: number,
): Promise<{ report: object; text: string }> {
  const subjects = Object.entries({ offhook: bench.offhook, floor: bench.floor, ...bench.others }).map(
    ([who, measure]) =>
      new Subject(
        who,
        () => measure(rate, seconds),
        (measured) => bench.cpu(measured, rate),
        bench.mayBeLate,
      ),
  )
  await inTurns(subjects, runs, (round) => console.error(round))
  const summaries = subjects.map((subject) => subject.summary())
  const [offhook, floor, ...others] = summaries
  const timesFloor = ratio(offhook, floor)
  const timesOthers = Object.fromEntries(others.map((other) => [other.who, ratio(offhook, other)]))
  const units = { rate: bench.rateIs, cpu: bench.cpuIs, times: 'ms' }
  const cores = bench.sharing ?? SHARING
  const sides = Object.fromEntries(summaries.map(({ who, ...summary }) => [who, summary]))
  return {
    report: { rate, seconds, units, cores, ...sides, timesFloor, timesOthers },
    text: [
      `${rate} ${bench.rateIs}, ${seconds} s, medians of ${runs} runs`,
      `${cores.map((who, core) => `core ${core}: ${who}`).join('; ')}`,
      ...summaries.map((summary) => lines(summary, bench.cpuIs)),
      timesFloor === null ? 'the floor took no CPU that could be measured' : `${timesFloor} × the floor`,
      ...Object.entries(timesOthers).map(([who, ratio]) => `${ratio} × ${who}`),
    ].join('\n'),
  }
}

/** A floor may take less than the clock of processes shows: null. */
function ratio(one: Summary | undefined, other: Summary | undefined): number | null {
  return one && other && other.cpu > 0 ? Math.round((one.cpu / other.cpu) * 100) / 100 : null
}

function lines({ who, cpu, completed, started, runs, lateRuns, slip, cores, ...times }: Summary, unit: string): string {
  const distributions = Object.entries({ ...times.latency, 'generator late': times.generatorLateness })
  return [
    `${who}: ${cpu} ${unit}; ${completed} of ${started} done in ${runs} runs, ${lateRuns} discarded for a late generator`,
    `  cores busy: ${cores.map((busy) => `${busy} %`).join(', ')}`,
    ...distributions.map(
      ([what, { p50, p95, p99, max }]) => `  ${what}: p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms`,
    ),
    ...(slip
      ? [`  sound late: p99 ${slip.p99}, max ${slip.worst} ms; ${slip.over20} of ${slip.turns} turns over 20 ms`]
      : []),
  ].join('\n')
}
