import { runSipp } from './support/phones/sipp.ts'
import * as s from './support/phones/sippScenario.ts'
import t from 'tap'
t.test('sipp', async t => {
  const base = { dir: t.testdir(), server: '127.0.0.1:17556', users: [{user:'101',password:'secret',dials:'102'}] }
  const r1 = await runSipp({ ...base, scenario: s.scenario('reg', s.registers(), s.receive(200)) })
  t.equal(r1.problem, ''); t.equal(r1.successful, 1)
  const r2 = await runSipp({ ...base, scenario: s.scenario('call', s.calls(), s.maybe(100), s.receive(486), s.ackFailure()) })
  t.equal(r2.problem, '')
  const r3 = await runSipp({ ...base, users: [{user:'101',password:'wrong'}], scenario: s.scenario('reg', s.registers(), s.receive(200)) })
  t.equal(r3.failed, 1); t.match(r3.problem, /nope/); 
})
