import { benches } from './benches.ts'
import { inTurns, Subject, type Summary } from './lib/rounds.ts'
import { measureOffhook, measureSound } from './lib/subjects.ts'
import { benchUnderLoad } from './underLoad.ts'

/** Calls a second, and for how long, where set-up alone is measured. */
const SETUP = { rate: 5, seconds: 10 }
/** Those who call shake hands in the process that places the calls, and a call that is placed later is no other call, ms. */
const SETUP_LATE = 30
/** A packet's delay counts from when it was sent, so one that is sent late is not late by that, ms. */
const RELAY_LATE = 10
/** Calls that are up while others are set up, how many of those a second, and for how long. */
const RELAY = { rate: 100, seconds: 8 }
const NEWCOMERS = 20

const parts = ['setup', 'calls', 'relay'] as const
type Part = (typeof parts)[number]

export interface WebRtcOptions {
  /** Calls from browsers that are up. */
  readonly rate: number
  readonly seconds: number
  readonly runs: number
  /** What alone is to be measured; left out, everything. */
  readonly part?: string
  /** Few calls, and for a second: whether it runs. */
  readonly brief: boolean
}

type Report = { readonly report: object; readonly text: string }

/**
 * Calls from browsers, in three parts: what it takes to set them up, with WebRTC and without; what they take while they are up, and
 * whether their sound is on time; and how much later plain calls' packets come while they are set up. null: no such part.
 */
export async function benchWebRtc({ part, ...options }: WebRtcOptions): Promise<Report | null> {
  const chosen = parts.filter((each) => part === undefined || each === part)
  if (chosen.length === 0) return null
  const reports = new Map<Part, Report>()
  for (const each of chosen) reports.set(each, await measures[each](options))
  const entries = [...reports]
  return {
    report: Object.fromEntries(entries.map(([name, { report }]) => [name, report])),
    text: entries.map(([name, { text }]) => `${name}: ${text}`).join('\n'),
  }
}

const measures: Readonly<Record<Part, (options: Omit<WebRtcOptions, 'part'>) => Promise<Report>>> = {
  setup,
  calls: ({ rate, seconds, runs }) => benchUnderLoad(benches.webrtc, rate, seconds, runs),
  relay,
}

function setup({ runs, brief }: Omit<WebRtcOptions, 'part'>): Promise<Report> {
  const { rate, seconds } = brief ? { rate: 2, seconds: 1 } : SETUP
  const subject = (who: string, secure: boolean) =>
    new Subject(
      who,
      () => measureSound('setup', 2, { rate, seconds, secure }, false),
      ({ cpu, load }) => cpu / load.started,
      SETUP_LATE,
    )
  const subjects = [subject('plain', false), subject('webrtc', true)]
  return compared(subjects, runs, `${rate} calls a second`, 'ms of CPU a call')
}

function relay({ runs, brief }: Omit<WebRtcOptions, 'part'>): Promise<Report> {
  const { rate, seconds } = brief ? { rate: 2, seconds: 1 } : RELAY
  const coming = brief ? 2 : NEWCOMERS
  const subject = (who: string, newcomers: { rate: number; secure: boolean }) =>
    new Subject(
      who,
      () => measureOffhook('relay', 4, { rate, seconds, newcomers }),
      ({ cpu, wall }) => (cpu / wall) * 100,
      RELAY_LATE,
    )
  const subjects = [
    subject('alone', { rate: 0, secure: false }),
    subject('plain', { rate: coming, secure: false }),
    subject('webrtc', { rate: coming, secure: true }),
  ]
  return compared(subjects, runs, `${rate} calls up, ${coming} set up a second`, '% of a core')
}

/** Measures `subjects` in turns; each of the others is told from the first of them, too. */
async function compared(subjects: readonly Subject[], runs: number, load: string, unit: string): Promise<Report> {
  await inTurns(subjects, runs, (round) => console.error(round))
  const summaries = subjects.map((subject) => subject.summary())
  const [first, ...others] = summaries
  const more = first ? others.map((other) => [other.who, beyond(first, other)] as const) : []
  const sides = Object.fromEntries(summaries.map(({ who, ...summary }) => [who, summary]))
  return {
    report: {
      load,
      units: { cpu: unit, times: 'ms' },
      ...sides,
      beyond: { [first?.who ?? '']: Object.fromEntries(more) },
    },
    text: [
      load,
      ...summaries.map((summary) => line(summary, unit)),
      ...more.map(
        ([who, { cpu, p99 }]) => `${who} beyond ${first?.who}: ${cpu} ${unit}; p99 ${JSON.stringify(p99)} ms`,
      ),
    ].join('\n'),
  }
}

/** What `other` takes more than `one`, of CPU and at the 99th percentile of all that both were timed by. */
function beyond(one: Summary, other: Summary): { cpu: number; p99: Record<string, number> } {
  const less = (from: number, to: number) => Math.round((to - from) * 100) / 100
  const p99 = Object.entries(one.latency).flatMap(([name, times]) => {
    const theirs = other.latency[name]
    return theirs ? [[name, less(times.p99, theirs.p99)]] : []
  })
  return { cpu: less(one.cpu, other.cpu), p99: Object.fromEntries(p99) }
}

function line({ who, cpu, started, completed, latency, slip, lateRuns }: Summary, unit: string): string {
  const times = Object.entries(latency).map(
    ([what, { p50, p95, p99, max }]) => `  ${what}: p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms`,
  )
  const late = slip
    ? [`  sound late: p99 ${slip.p99}, max ${slip.worst} ms; ${slip.over20} of ${slip.turns} over 20 ms`]
    : []
  const done = `${completed} of ${started} done, ${lateRuns} rounds discarded for a late generator`
  return [`${who}: ${cpu} ${unit}; ${done}`, ...times, ...late].join('\n')
}
