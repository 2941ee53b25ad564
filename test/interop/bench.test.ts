import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

// That each bench still runs to its end, loses nothing, and says what it should: not how fast it is.
for (const [name, rate, latencies, others, ...options] of [
  ['register', 20, ['register'], []],
  ['calls', 4, ['setup', 'release'], []],
  ['relay', 2, ['oneWay'], ['bareFloor']],
  ['relay', 2, ['oneWay'], ['plain'], '--codecs', 'mixed'],
  ['transcode', 2, ['unevenPcmu', 'unevenOpus'], []],
  ['transcode', 2, ['unevenPcmu', 'unevenOpus'], [], '--fec', '--apart'],
] as const) {
  t.test(`the bench ${name} ${options.join(' ')}`, async (t) => {
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

for (const [part, sides, latencies] of [
  ['setup', ['plain', 'webrtc'], ['answer', 'media']],
  ['calls', ['offhook', 'floor'], ['unevenBrowser', 'unevenPhone']],
  ['relay', ['alone', 'plain', 'webrtc'], ['oneWay']],
] as const) {
  t.test(`the bench webrtc, ${part}`, async (t) => {
    const how = ['--part', part, '--rate', '2', '--seconds', '1', '--runs', '1', '--brief']
    const report = await bench('webrtc', ...how).catch(tooLate)
    if (report === null) return void t.pass('a generator that came late judged nothing')
    for (const who of sides) {
      const side = report[part][who]
      t.equal(side.runs, 1, `${who} has a round that counts`)
      t.equal(side.completed, side.started, `${who} loses nothing`)
      for (const name of latencies) t.ok(side.latency[name].count > 0, `${who} gives ${name}`)
    }
    if (part === 'setup') t.ok(report.setup.webrtc.latency.keys.count > 0, 'browsers agree on keys')
    if (part === 'calls') t.ok(report.calls.offhook.slip.turns > 100, 'turns made sound')
  })
}

t.test('the bench start', async (t) => {
  const { offhook, ...report } = await bench('start', '--runs', '1')
  t.match(report, { bench: 'start', runs: 1, units: { ready: 'ms', memory: 'MB' } })
  for (const name of ['ready', 'memory', 'idle']) t.ok(offhook[name] >= 0, `${name}: ${offhook[name]}`)
})

/** null where the bench says that no round counts: which is the machine's doing. */
function tooLate(error: unknown): null {
  if (error instanceof Error && /no round of \w+ counts/.test(error.message)) return null
  throw error
}

/** What the bench says with these arguments. */
async function bench(...args: string[]) {
  const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: '1' }
  const program = ['--import', '@tapjs/typescript/import', main, ...args, '--json']
  const { stdout } = await run(process.execPath, program, { timeout: 90_000, env })
  return JSON.parse(stdout)
}
