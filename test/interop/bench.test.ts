import t from 'tap'
import { bench, runs } from './benchProgram.ts'

runs(t, ['register', 20, ['register'], []])
runs(t, ['calls', 4, ['setup', 'release'], []])
runs(t, ['relay', 2, ['oneWay'], ['bareFloor']])

t.test('the bench start', async (t) => {
  const { offhook, ...report } = await bench('start', '--runs', '1')
  t.match(report, { bench: 'start', runs: 1, units: { ready: 'ms', memory: 'MB' } })
  for (const name of ['ready', 'memory', 'idle']) t.ok(offhook[name] >= 0, `${name}: ${offhook[name]}`)
})
