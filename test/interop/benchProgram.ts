import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

/** null where the bench says that no round counts: which is the machine's doing. */
export function tooLate(error: unknown): null {
  if (error instanceof Error && /no round of \w+ counts/.test(error.message)) return null
  throw error
}

/** What the bench says with these arguments. */
export async function bench(...args: string[]) {
  const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: '1' }
  const program = ['--import', '@tapjs/typescript/import', main, ...args, '--json']
  const { stdout } = await run(process.execPath, program, { timeout: 90_000, env })
  return JSON.parse(stdout)
}

/** A bench as it is run: its name, rate, what latencies it gives, whom it measures besides, and further arguments. */
export type BenchRun = readonly [
  name: string,
  rate: number,
  latencies: readonly string[],
  others: readonly string[],
  ...options: string[],
]

/** That a bench still runs to its end, loses nothing, and says what it should: not how fast it is. */
export function runs(t: Pick<Test, 'test'>, [name, rate, latencies, others, ...options]: BenchRun): void {
  void t.test(`the bench ${name} ${options.join(' ')}`, async (t) => {
    const how = ['--rate', String(rate), '--seconds', '1', '--runs', '1', ...options]
    const report = await bench(name, ...how).catch(tooLate)
    if (report === null) return void t.pass('a generator that came late judged nothing')
    t.match(report, {
      bench: name,
      rate,
      seconds: 1,
      units: { times: 'ms' },
      cores: [/./, /./],
      machine: { node: process.version },
    })
    if (name === 'transcode') t.ok(report.offhook.slip.turns > 100, `${report.offhook.slip.turns} turns made sound`)
    for (const who of ['offhook', 'floor', ...others]) {
      const side = report[who]
      t.equal(side.runs, 1, `${who} has a round that counts`)
      t.equal(side.completed, side.started, `${who} loses nothing`)
      t.strictSame(Object.keys(side.latency), latencies, `${who} gives its latencies`)
      t.ok(side.cpu >= 0, `${who} used ${side.cpu}`)
    }
  })
}
