import t, { type Test } from 'tap'
import { until } from '../support/deadline.ts'
import { unlessIsolated } from '../support/isolated.ts'
import { hostile } from './hostile.spec.ts'
import { openIdlers } from './idlers.ts'
import { offers } from './offers.spec.ts'
import { type Scene, tortureScene } from './scene.ts'
import { strangers } from './strangers.spec.ts'
import { users } from './users.spec.ts'
import { webSockets } from './webSockets.spec.ts'

/** By how much the server may have grown in the second half of the hostile part, octets. */
const MOST_GROWTH = 48 << 20

t.test('a running server under torture', { skip: unlessIsolated() }, async (t) => {
  const scene = await tortureScene(t)
  const idlers = await openIdlers(scene)
  t.equal((await scene.status()).signalling?.connections, idlers.count, 'connections that wait for nothing')
  await t.test('every message of RFC 4475 and RFC 5118, from strangers', (t) => strangers(t, scene))
  await t.test('those that get further, from users', (t) => users(t, scene))
  await t.test('offers with an octet wrong, from a user', (t) => offers(t, scene))
  await t.test('hostile octets', (t) => hostile(t, scene))
  await t.test('browsers that are none', (t) => webSockets(t, scene))
  const warm = await scene.status()
  await t.test('hostile octets once more', (t) => hostile(t, scene))
  await idlers.closed()
  await t.test('nothing is left over', (t) => nothingIsLeft(t, scene))
  const grown = ((await scene.status()).memory?.rss ?? 0) - (warm.memory?.rss ?? 0)
  t.ok(grown < MOST_GROWTH, `memory grew by ${(grown / 2 ** 20).toFixed(1)} MiB`)
})

// Timers H, J and L and the patience with connections all end after 32 s.
async function nothingIsLeft(t: Test, { server, status }: Scene): Promise<void> {
  const nothing = { transactions: 0, dialogs: 0, connections: 0 }
  const last = await until(40_000, 'all transactions to end', async () => {
    const now = await status()
    return now.signalling?.transactions === 0 && now.signalling.connections === 0 ? now : undefined
  })
  t.strictSame(last.signalling, nothing)
  t.match(last, { calls: { active: 0 }, media: { legs: 0, portsInUse: 0 }, registrations: 0, ignoring: [] })
  t.equal(last.dropped?.failed, 0, 'no message ran into an error of ours')
  const lines = server.log().split('\n')
  t.strictSame(
    lines.filter((line) => /"level":[56]0|"stack"|^ +at /.test(line)),
    [],
    'no error and no stack in the log',
  )
}
