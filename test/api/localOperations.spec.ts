import t from 'tap'
import { firstStart } from '../../src/api/firstStart.ts'
import { localOperations } from '../../src/api/localOperations.ts'
import { operationsContract, plain } from '../contracts/operations.ts'
import { someBinding, someUser } from '../store/rows.ts'
import { contextBench, FakeLive, NOW, stillClock } from './bench.ts'

operationsContract('localOperations', async () => {
  const live = new FakeLive()
  const { store, context } = contextBench(live)
  return { operations: localOperations(context), store, live }
})

t.test('without a server: what is stored', async (t) => {
  const { store, context, committed } = contextBench()
  const operations = localOperations(context)
  store.users.add(someUser('101'))
  const current = someBinding('101', { key: 'now', expiresAt: NOW + 60_000, registeredAt: NOW - 60_000 })
  const over = someBinding('101', { key: 'before', expiresAt: NOW - 1 })
  store.bindings.save({ user: '101', put: [current, over], removed: [] }, () => {})
  await committed()
  const status = { running: false, pid: null, uptime: null, listeners: [], users: 1, registrations: 1, calls: null }
  t.match(await operations.status(), { ...status, media: null, cpu: null, memory: null, eventLoop: null })
  const devices = []
  for await (const page of operations.devices('101')) devices.push(...page)
  t.match(devices, [{ user: '101', expires: 60, roundTrip: null, source: '10.0.0.5:5062' }])
  t.equal(devices.length, 1)
  await t.rejects(operations.hangUp('c1'), { code: 'CALL_UNKNOWN' })
  t.match(await operations.removeUser('101'), { user: '101' })
})

t.test('the first start makes two users, later ones nobody', async (t) => {
  const { store, context } = contextBench()
  const operations = localOperations(context)
  const made = await firstStart(operations, store.settings, stillClock, () => false)
  t.same(
    made.map((user) => user.user),
    ['101', '102'],
  )
  t.match(made[0]?.password, /^[a-z2-9]{16}$/)
  t.not(made[0]?.password, made[1]?.password)
  await operations.removeUser('101')
  await operations.removeUser('102')
  t.same(await firstStart(operations, store.settings, stillClock, () => false), [])
})

t.test('the first start makes nobody where the admin has made users', async (t) => {
  const { store, context } = contextBench()
  const operations = localOperations(context)
  await operations.addUser({ ...plain, user: 'alice' })
  t.same(await firstStart(operations, store.settings, stillClock, () => false), [])
  t.equal(store.users.count(), 1)
})

t.test('the way of the media: an echo, several phones rung, none at all', async (t) => {
  const { store, context, committed } = contextBench()
  const operations = localOperations(context)
  const [caller] = new FakeLive().talking.legs
  if (caller === undefined) throw new Error('the fake call has no caller')
  const quiet = { ...caller, role: 'callee' as const, user: '103', stats: null, codec: null }
  const app = { ...quiet, role: 'app' as const, user: '*43' }
  const callee = { ...caller, role: 'callee' as const, user: '104', codec: null }
  const record = {
    startedAt: NOW,
    answeredAt: NOW,
    endedAt: NOW,
    from: '101',
    fromName: null,
    answeredBy: null,
    uses: [],
  }
  const end = {
    outcome: 'answered' as const,
    endedBy: 'caller' as const,
    status: 200,
    reason: '101 hung up',
    events: [],
  }
  store.callRecords.append({ ...record, ...end, id: 'echo', to: '*43', legs: [caller, app] })
  store.callRecords.append({ ...record, ...end, id: 'fork', to: '104', legs: [caller, quiet, callee] })
  await committed()
  const chains = async (id: string) => (await operations.call(id)).legs.map((leg) => leg.chain)
  t.same(await chains('echo'), ['rtp 10.0.0.5:4000 PCMU → *43', null])
  const there = 'rtp 10.0.0.5:4000 PCMU → rtp 10.0.0.5:4000 PCMU'
  t.same(await chains('fork'), [there, null, there])
})
