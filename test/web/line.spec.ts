import t from 'tap'
import { type LinePorts, OpenLine, type Registered } from '../../web/src/phone/line.ts'
import type { Line } from '../../web/src/phone/state.ts'
import { UNREACHABLE } from '../../web/src/problems.ts'

const OK: Registered = { kind: 'ok', expires: 600 }

/** A server that answers as it is told, and time that passes as it is told. */
function world() {
  const timers = new Set<{ at: number; run: () => void }>()
  const seen: Line[] = []
  const happened: string[] = []
  const server = { reachable: true, alive: true, online: true, answer: OK }
  let now = 0
  const ports: LinePorts = {
    connect: async () => {
      happened.push('connect')
      if (!server.reachable) throw new Error('refused')
    },
    connection: {
      drop: () => void happened.push('drop'),
      register: async () => {
        happened.push('register')
        return server.answer
      },
      probe: async () => server.alive,
    },
    diagnose: async () => UNREACHABLE,
    online: () => server.online,
    now: () => now,
    after: (delay, run) => {
      const timer = { at: now + delay, run }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    chance: () => 0,
    tell: (line) => void seen.push(line),
    onReady: (again) => void happened.push(again ? 'ready again' : 'ready'),
    onLost: () => void happened.push('lost'),
  }
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve()
  }
  const pass = async (ms: number): Promise<void> => {
    const end = now + ms
    await settle()
    for (let due = next(end); due; due = next(end)) {
      timers.delete(due)
      now = Math.max(now, due.at)
      due.run()
      await settle()
    }
    now = end
  }
  const next = (end: number) => [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
  return { ports, server, seen, happened, pass, timers }
}

t.test('connects, registers, renews at three quarters, and asks for signs of life', async (t) => {
  const { ports, seen, happened, pass } = world()
  new OpenLine('101', true, ports)
  await pass(0)
  t.same(seen, [{ at: 'ready', user: '101' }])
  t.same(happened, ['connect', 'register', 'ready'])
  await pass(449_000)
  t.equal(happened.filter((one) => one === 'register').length, 1)
  await pass(2000)
  t.equal(happened.filter((one) => one === 'register').length, 2)
  t.equal(happened.filter((one) => one === 'ready').length, 1, 'a renewal is nothing new')
  t.equal(seen.length, 1)
})

t.test('a wrong password ends it, at first and later', async (t) => {
  const { ports, server, seen, pass, timers } = world()
  new OpenLine('101', true, ports)
  await pass(0)
  server.answer = { kind: 'refused', status: 401, reason: 'Unauthorized' }
  await pass(460_000)
  t.match(seen.at(-1), { at: 'signed-out', problem: { kind: 'wrong-password' } })
  t.equal(timers.size, 0, 'nothing more is tried')
})

t.test('who signs in by the form learns at once that the server is not there', async (t) => {
  const { ports, server, seen, pass, timers } = world()
  server.reachable = false
  new OpenLine('101', true, ports)
  await pass(0)
  t.match(seen, [{ at: 'signed-out', problem: UNREACHABLE }])
  t.equal(timers.size, 0)
})

t.test('a page that was signed in tries again, ever less often', async (t) => {
  const { ports, server, seen, happened, pass } = world()
  server.reachable = false
  new OpenLine('101', false, ports)
  await pass(0)
  t.match(seen, [{ at: 'lost', problem: UNREACHABLE, retryAt: 500 }])
  await pass(500 + 1000 + 2000)
  t.equal(happened.filter((one) => one === 'connect').length, 4)
  server.reachable = true
  await pass(4000)
  t.match(seen.at(-1), { at: 'ready' })
  t.match(happened.at(-1), 'ready', 'for the first time')
})

t.test('a connection that breaks is told, and comes again', async (t) => {
  const { ports, seen, happened, pass } = world()
  const line = new OpenLine('101', true, ports)
  await pass(0)
  line.lost()
  await pass(0)
  t.match(seen.at(-1), { at: 'lost', problem: { kind: 'connection-lost' } })
  t.ok(happened.includes('lost'))
  await pass(1000)
  t.match(seen.at(-1), { at: 'ready' })
  t.equal(happened.at(-1), 'ready again')
})

t.test('a connection that is dead without knowing is found out', async (t) => {
  const { ports, server, happened, pass } = world()
  new OpenLine('101', true, ports)
  await pass(0)
  server.alive = false
  await pass(26_000)
  t.ok(happened.includes('drop'))
  t.equal(happened.at(-1), 'ready again')
})

t.test('without a network it says so, and is there at once when there is one', async (t) => {
  const { ports, server, seen, pass } = world()
  const line = new OpenLine('101', true, ports)
  await pass(0)
  server.online = false
  server.reachable = false
  line.networkChanged()
  await pass(20_000)
  t.match(seen.at(-1), { at: 'lost', problem: { kind: 'network-lost' } })
  server.online = true
  server.reachable = true
  line.networkChanged()
  await pass(0)
  t.match(seen.at(-1), { at: 'ready' })
})

t.test('a server that is not well is asked again', async (t) => {
  const { ports, server, seen, pass } = world()
  server.answer = { kind: 'refused', status: 503, reason: 'Service Unavailable' }
  new OpenLine('101', false, ports)
  await pass(0)
  t.match(seen.at(-1), { at: 'lost', problem: { kind: 'registration-refused' } })
  server.answer = OK
  await pass(5000)
  t.match(seen.at(-1), { at: 'ready' })
})

t.test('closed is closed', async (t) => {
  const { ports, seen, pass, timers } = world()
  const line = new OpenLine('101', true, ports)
  line.close()
  await pass(0)
  line.lost()
  line.check()
  line.networkChanged()
  await pass(1_000_000)
  t.same(seen, [])
  t.equal(timers.size, 0)
})
