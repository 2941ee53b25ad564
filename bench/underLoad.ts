import type { Bench } from './benches.ts'
import { inTurns, Subject, type Summary } from './lib/rounds.ts'

/** Measures `bench` and its floors: a report for programs, and one for people. */
export async function benchUnderLoad(
  bench: Bench,
  rate: number,
  seconds: number,
  runs: number,
): Promise<{ report: object; text: string }> {
  const subjects = Object.entries({ offhook: bench.offhook, floor: bench.floor, ...bench.otherFloors }).map(
    ([who, measure]) => {
      const subject = new Subject(
        () => measure(rate, seconds),
        (measured) => bench.cpu(measured, rate),
      )
      return { who, subject }
    },
  )
  await inTurns(
    subjects.map(({ subject }) => subject),
    runs,
  )
  const summaries = subjects.map(({ who, subject }) => ({ who, ...subject.summary() }))
  const [offhook, floor] = summaries
  const timesFloor = offhook && floor ? Math.round((offhook.cpu / floor.cpu) * 100) / 100 : null
  const units = { rate: bench.rateIs, cpu: bench.cpuIs, times: 'ms' }
  const sides = Object.fromEntries(summaries.map(({ who, ...summary }) => [who, summary]))
  return {
    report: { rate, seconds, units, ...sides, timesFloor },
    text: [
      `${rate} ${bench.rateIs}, ${seconds} s, medians of ${runs} runs`,
      ...summaries.map((summary) => lines(summary, bench.cpuIs)),
      `${timesFloor} × the floor`,
    ].join('\n'),
  }
}

function lines(
  { who, cpu, completed, started, runs, lateRuns, ...times }: Summary & { who: string },
  unit: string,
): string {
  const distributions = Object.entries({ ...times.latency, 'generator late': times.generatorLateness })
  return [
    `${who}: ${cpu} ${unit}; ${completed} of ${started} done in ${runs} runs, ${lateRuns} discarded for a late generator`,
    ...distributions.map(
      ([what, { p50, p95, p99, max }]) => `  ${what}: p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms`,
    ),
  ].join('\n')
}
