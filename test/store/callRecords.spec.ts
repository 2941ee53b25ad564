import t from 'tap'
import type { LegStats } from '../../src/media/engine.ts'
import { callRecords } from '../../src/store/callRecords.ts'
import { openDatabase } from '../../src/store/database.ts'
import { groupCommit } from '../../src/store/groupCommit.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { someCall } from './rows.ts'

const stats: LegStats = {
  leg: 'a',
  local: { address: '10.0.0.1', port: 10000 },
  remote: { address: '10.0.0.5', port: 4000 },
  transport: 'rtp',
  learnt: true,
  codec: 'pcmu/8000/1',
  received: { packets: 1500, octets: 240_000 },
  sent: { packets: 1498, octets: 239_680 },
  rtcpReceived: 6,
  dropped: { malformed: 0, source: 3, format: 0, direction: 0, unlinked: 0, forged: 0 },
  lost: 2,
  jitter: 1.25,
  silentFor: 20,
  peer: { lost: 0.0625, lostTotal: 3, jitter: 2.25 },
  roundTrip: 41.5,
  mos: { heard: 4.38, told: 4.35 },
  playout: null,
}

function bench() {
  const clock = new VirtualClock()
  const database = openDatabase(':memory:')
  const errors: object[] = []
  const log = { ...silentLog, error: (facts: object) => void errors.push(facts) }
  return { clock, errors, records: callRecords(database, groupCommit(database, clock), log) }
}

const everything = { since: null, user: null }

t.test('a record comes back as it was appended, with its legs and events', async (t) => {
  const { clock, records } = bench()
  const plain = someCall('one')
  const events = [
    { at: 0, type: 'called', phone: 1, user: '102', remote: '10.0.0.6:5062', userAgent: null },
    { at: 4000, type: 'answered', phone: 1 },
  ] as const
  const call = { ...plain, legs: plain.legs.map((leg) => ({ ...leg, stats })), events }
  records.append(call)
  t.equal(records.find('one'), null, 'not before the turn is over')
  await clock.advance(0)
  t.same(records.find('one'), call)
  t.equal(records.find('two'), null)
})

t.test('what a record of an older version does not know is null', async (t) => {
  const { clock, records } = bench()
  const { peer: _peer, roundTrip: _roundTrip, mos: _mos, playout: _playout, ...older } = stats
  const plain = someCall('old')
  const [first, ...others] = plain.legs
  const legs = [{ ...first, stats: older }, ...others]
  // A record as it was written then, which its type no longer allows.
  records.append(Object.assign(plain, { legs }))
  await clock.advance(0)
  const [found, silent] = records.find('old')?.legs ?? []
  t.same(found?.stats, { ...older, peer: null, roundTrip: null, mos: { heard: null, told: null }, playout: null })
  t.equal(silent?.stats, null, 'a leg without counters has none')
})

t.test('lists begin with the latest and go on from page to page', async (t) => {
  const { clock, records } = bench()
  for (const [id, startedAt] of [
    ['a', 1],
    ['c', 3],
    ['b', 2],
    ['c2', 3],
  ] as const) {
    records.append(someCall(id, { startedAt }))
  }
  await clock.advance(0)
  const first = records.list(everything, 3, null)
  t.same(
    first.map((call) => call.id),
    ['c2', 'c', 'b'],
  )
  const rest = records.list(everything, 3, first.at(-1) ?? null)
  t.same(
    rest.map((call) => call.id),
    ['a'],
  )
  t.same(records.list(everything, 3, rest.at(-1) ?? null), [])
})

t.test('lists of one user hold the calls in which it had any part', async (t) => {
  const { clock, records } = bench()
  const legs = ['101', '103'].map((user) => ({ ...someCall('x').legs[1], role: 'callee' as const, user }))
  const quiet = { remote: null, userAgent: null, way: 'relay', codec: null, stats: null } as const
  records.append(someCall('called', { startedAt: 1 }))
  records.append(someCall('dialled', { startedAt: 2, from: '105', to: '101', answeredBy: null, legs: [] }))
  records.append(
    someCall('rung', { startedAt: 3, from: '105', to: '200', legs: legs.map((leg) => ({ ...leg, ...quiet })) }),
  )
  records.append(someCall('another', { startedAt: 4, from: '105', to: '106', answeredBy: '106', legs: [] }))
  await clock.advance(0)
  const ids = (filter: { since: number | null; user: string }) => records.list(filter, 10, null).map((call) => call.id)
  t.same(ids({ since: null, user: '101' }), ['rung', 'dialled', 'called'])
  t.same(ids({ since: 2, user: '101' }), ['rung', 'dialled'])
  t.same(ids({ since: null, user: '106' }), ['another'])
  const [latest] = records.list({ since: null, user: '101' }, 1, null)
  t.same(
    records.list({ since: null, user: '101' }, 1, latest ?? null).map((call) => call.id),
    ['dialled'],
  )
})

t.test('since takes the calls that started then or later', async (t) => {
  const { clock, records } = bench()
  for (const startedAt of [1, 2, 3]) records.append(someCall(String(startedAt), { startedAt }))
  await clock.advance(0)
  t.same(
    records.list({ since: 2, user: null }, 10, null).map((call) => call.id),
    ['3', '2'],
  )
})

t.test('a record that cannot be written is logged', async (t) => {
  const { clock, errors, records } = bench()
  records.append(someCall('one'))
  records.append(someCall('one'))
  await clock.advance(0)
  t.match(errors, [{ call: 'one', cause: 'UNIQUE constraint failed: calls.id' }])
})
