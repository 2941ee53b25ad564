import { measure } from './lib/measure.ts'
import { median } from './lib/percentiles.ts'
import { withOffhook } from './lib/subjects.ts'

const REGISTERED = [10, 1_000, 20_000]
/** A call to the echo takes two sockets, and many systems allow a process 20,000 descriptors at most. */
const CALLS_UP = [10, 1_000, 9_000]
const SECONDS = 5
/** Callers and callees of the load itself. */
const PHONES = 200
const PORTS = ['--rtp-ports', '10000-59999']

/** What a call costs at `rate` a second beside ever more registered users, and beside ever more calls that are up. */
export async function benchGrowth(rate: number, runs: number): Promise<{ report: object; text: string }> {
  const registered: Record<string, Grown> = {}
  const callsUp: Record<string, Grown> = {}
  for (const size of REGISTERED) registered[size] = await grown(rate, runs, { registered: size, callsUp: 0 })
  for (const size of CALLS_UP) callsUp[size] = await grown(rate, runs, { registered: 0, callsUp: size })
  const line =
    (what: string) =>
    ([size, { cpu, idle }]: [string, Grown]) =>
      `${size} ${what}: ${cpu} µs a call; idle ${idle} %`
  return {
    report: {
      rate,
      runs,
      units: { rate: 'calls a second', cpu: 'µs of CPU a call', idle: '% of a core' },
      registered,
      callsUp,
    },
    text: [
      `${rate} calls a second, medians of ${runs} runs`,
      ...Object.entries(registered).map(line('users registered')),
      ...Object.entries(callsUp).map(line('calls up')),
    ].join('\n'),
  }
}

interface Grown {
  /** Beyond what the background takes by itself. */
  readonly cpu: number
  readonly idle: number
}

async function grown(rate: number, runs: number, background: { registered: number; callsUp: number }): Promise<Grown> {
  const cpu: number[] = []
  const idle: number[] = []
  for (let run = 0; run < runs; run++) {
    const measured = await withOffhook(
      PHONES + background.registered,
      ({ pid, sip }) => measure(pid, 'calls', { server: sip.udp, rate, seconds: SECONDS, background }),
      PORTS,
    )
    cpu.push(((measured.cpu - measured.idle * measured.wall) * 1000) / measured.load.completed)
    idle.push(measured.idle * 100)
  }
  return { cpu: median(cpu), idle: median(idle) }
}
