import t from 'tap'
import { CallLog } from '../../src/bridge/callLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'

t.test('what happens is kept in order, with whole milliseconds since the call came in', async (t) => {
  const clock = new VirtualClock()
  await clock.advance(5_000)
  const log = new CallLog(clock)
  log.note({ at: log.now(), type: 'ringing', phone: 1, status: 180 })
  await clock.advance(1_234.4)
  log.note({ at: log.now(), type: 'answered', phone: 1 })
  t.strictSame(log.events, [
    { at: 0, type: 'ringing', phone: 1, status: 180 },
    { at: 1_234, type: 'answered', phone: 1 },
  ])
})

t.test('beyond 200 it is only counted', async (t) => {
  const clock = new VirtualClock()
  const log = new CallLog(clock)
  const note = (times: number) => {
    for (let i = 0; i < times; i++) log.note({ at: log.now(), type: 'silent', phone: i })
  }
  note(200)
  t.equal(log.events.length, 200)
  await clock.advance(7)
  note(3)
  t.equal(log.events.length, 201)
  t.strictSame(log.events.at(-2), { at: 0, type: 'silent', phone: 199 })
  t.strictSame(log.events.at(-1), { at: 0, type: 'omitted', count: 3 }, 'at the last that was kept')
})
