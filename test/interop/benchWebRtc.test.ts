import t from 'tap'
import { bench, tooLate } from './benchProgram.ts'

// That the bench still runs to its end, loses nothing, and says what it should: not how fast it is.
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
