import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

// That each bench still runs to its end, loses nothing, and says what it should: not how fast it is.
for (const [name, rate, latencies] of [
  ['register', 20, ['register']],
  ['calls', 4, ['setup', 'release']],
  ['relay', 2, ['oneWay']],
] as const) {
  t.test(`the bench ${name}`, async (t) => {
    const args = [
      '--import',
      '@tapjs/typescript/import',
      main,
      name,
      '--rate',
      String(rate),
      '--seconds',
      '1',
      '--runs',
      '1',
      '--json',
    ]
    const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: '1' }
    const { stdout } = await run(process.execPath, args, { timeout: 60_000, env })
    const { offhook, floor, bareFloor, ...report } = JSON.parse(stdout)
    t.match(report, { bench: name, rate, seconds: 1, units: { times: 'ms' }, machine: { node: process.version } })
    for (const [who, side] of Object.entries(bareFloor ? { offhook, floor, bareFloor } : { offhook, floor })) {
      t.equal(side.completed, side.started, `${who} loses nothing`)
      t.strictSame(Object.keys(side.latency), latencies, `${who} gives its latencies`)
      t.ok(side.cpu >= 0, `${who} used ${side.cpu}`)
    }
  })
}
