import t from 'tap'
import { bench, tooLate } from './benchProgram.ts'

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

t.test('the bench start', async (t) => {
  const { offhook, ...report } = await bench('start', '--runs', '1')
  t.match(report, { bench: 'start', runs: 1, units: { ready: 'ms', memory: 'MB' } })
  for (const name of ['ready', 'memory', 'idle']) t.ok(offhook[name] >= 0, `${name}: ${offhook[name]}`)
})
