import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import t, { type Test } from 'tap'
import { localOperations } from '../../src/api/localOperations.ts'
import type { ImportRow, Pages } from '../../src/api/operations.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { type Log, silentLog } from '../../src/platform/log.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { checkpointer } from '../../src/store/checkpointer.ts'
import { openDatabase } from '../../src/store/database.ts'
import { dataDirectory } from '../../src/store/dataDirectory.ts'
import { groupCommit } from '../../src/store/groupCommit.ts'
import { takeOwnership } from '../../src/store/ownership.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { plain } from '../contracts/operations.ts'
import { someBinding, someUser } from '../store/rows.ts'
import { startChild } from '../support/child.ts'
import { until, within } from '../support/deadline.ts'

const MINUTE = 60_000

/** The longest that anything may hold up a call, ms. */
const LONGEST_STALL = 50

/** Starts a child in this role and waits until it has said `word`. */
async function childThat(t: Test, role: string, path: string, word: string) {
  const child = await startChild(process.execPath, [...process.execArgv, 'test/interop/storeChild.ts', role, path])
  t.teardown(() => child.stop())
  const said = new Promise<void>((resolve) => child.onLine((line) => line === word && resolve()))
  await within(20_000, `a child that says ${word}; it said ${child.output()}`, said)
  /** As the kernel does it: nothing of the process runs any more. */
  const killed = async () => {
    process.kill(child.pid, 'SIGKILL')
    await within(5000, 'the end of the child', child.exited)
  }
  return { killed }
}

async function open(t: Test, path: string, log: Log = silentLog): Promise<Store> {
  const file = dataDirectory(path).database
  const store = openStore({ file, clock: systemClock, random: systemRandom, log, checkpoints: 'thread' })
  t.teardown(() => store.close())
  return store
}

/** The longest that the event loop stood still while `work` was done, ms. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / 1e6
}

t.test('a data directory is free again when its owner is killed', async (t) => {
  const path = t.testdir()
  const { killed } = await childThat(t, 'own', path, 'owned')
  const directory = dataDirectory(path)
  t.equal(takeOwnership(directory, 'test', 0), null)
  await killed()
  const ownership = takeOwnership(directory, 'test', 0)
  t.ok(ownership)
  ownership?.release()
})

t.test('what was acknowledged survives kill -9', async (t) => {
  const path = t.testdir()
  const { killed } = await childThat(t, 'save', path, 'saved')
  await killed()
  const store = await open(t, path)
  t.same(store.bindings.load(), [someBinding('101')])
  t.equal(store.users.count(), 1)
})

t.test('of an import that was killed nothing is left', async (t) => {
  const path = t.testdir()
  const { killed } = await childThat(t, 'import', path, 'importing')
  await killed()
  const store = await open(t, path)
  t.equal(store.users.count(), 0)
  await store.users.import([someUser('u1')])
  t.equal(store.users.count(), 1)
})

t.test('10,000 users are imported in seconds, and no call is held up', { timeout: MINUTE }, async (t) => {
  const { users, bindings, callRecords, realm } = await open(t, t.testdir())
  const context = { users, bindings, calls: callRecords, realm, clock: systemClock, random: systemRandom, live: null }
  const operations = localOperations(context)
  const rows = Array.from({ length: 10_000 }, (_, at) => ({ ...plain, user: `care4w-${1_000_000 + at}`, line: at + 2 }))
  async function* pages(): Pages<ImportRow> {
    for (let from = 0; from < rows.length; from += 200) yield rows.slice(from, from + 200)
  }
  const began = systemClock.now()
  const stall = await longestStall(async () => void (await operations.importUsers(pages())))
  const took = systemClock.now() - began
  t.comment(`${took.toFixed(0)} ms, longest stall ${stall.toFixed(1)} ms`)
  t.equal(users.count(), 10_000)
  t.ok(took < 5000, 'in seconds')
  t.ok(stall < LONGEST_STALL, 'without a stall')
})

t.test('under steady writing the WAL stays bounded and nothing stalls', { timeout: MINUTE }, async (t) => {
  const path = t.testdir()
  const { users, bindings } = await open(t, path)
  const names = Array.from({ length: 2000 }, (_, at) => `u${at}`)
  await users.import(names.map((name) => someUser(name)))
  const wal = join(path, 'offhook.db-wal')
  let largest = 0
  let saved = 0
  let failed = 0
  const turn = async () => {
    const done = names.slice(0, 64).map((_, at) => {
      const user = names[(saved + at) % names.length] ?? ''
      const change = { user, put: [someBinding(user, { cSeq: saved })], removed: [] }
      return new Promise<void>((resolve) => {
        bindings.save(change, (error) => {
          if (error) failed += 1
          resolve()
        })
      })
    })
    await Promise.all(done)
    saved += done.length
  }
  const began = systemClock.now()
  const stall = await longestStall(async () => {
    while (saved < 200_000) {
      await turn()
      if (saved % 6400 === 0) largest = Math.max(largest, statSync(wal).size)
    }
  })
  const each = ((systemClock.now() - began) * 1000) / saved
  t.comment(
    `${each.toFixed(1)} µs a binding, WAL at most ${(largest / 2 ** 20).toFixed(0)} MiB, stall ${stall.toFixed(1)} ms`,
  )
  t.equal(failed, 0)
  t.ok(largest < 128 * 2 ** 20, 'bounded')
  t.ok(stall < LONGEST_STALL, 'no stall')
})

t.test('what was committed reaches the database file within seconds, without anybody closing it', async (t) => {
  const path = t.testdir()
  const { users } = await open(t, path)
  const before = statSync(join(path, 'offhook.db')).size
  await users.import(Array.from({ length: 2000 }, (_, at) => someUser(`u${at}`)))
  const grown = () => (statSync(join(path, 'offhook.db')).size > before + 100_000 ? true : undefined)
  t.ok(await until(10_000, 'a checkpoint', grown))
})

t.test('without its thread the database checkpoints by itself', async (t) => {
  const database = openDatabase(join(t.testdir(), 'offhook.db'))
  t.teardown(() => database.close())
  const logged: string[] = []
  const heard = new EventTarget()
  const error = (_: object, message: string) => {
    logged.push(message)
    heard.dispatchEvent(new Event('error'))
  }
  const log = { ...silentLog, error }
  const group = groupCommit(database, systemClock)
  const said = once(heard, 'error')
  const { close } = checkpointer({ file: '/nowhere/offhook.db', database, group, clock: systemClock, log })
  t.equal(database.pragma('wal_autocheckpoint', { simple: true }), 0)
  await within(10_000, 'the death of the thread', said)
  t.equal(database.pragma('wal_autocheckpoint', { simple: true }), 1000)
  t.match(logged, ['the checkpoint thread died: commits checkpoint by themselves from now on'])
  await close()
})
