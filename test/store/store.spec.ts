import { existsSync, statSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { dataDirectory } from '../../src/store/dataDirectory.ts'
import { describeOwner, requireOwnership, takeOwnership } from '../../src/store/ownership.ts'
import { openStore } from '../../src/store/store.ts'
import { silentLog } from '../support/silentLog.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { seededRandom } from '../support/virtual/random.ts'
import { someBinding, someUser } from './rows.ts'

function open(t: Test, seed: number) {
  const { database: file } = dataDirectory(t.testdirName)
  return openStore({
    file,
    clock: new VirtualClock(),
    random: seededRandom(seed),
    log: silentLog,
    checkpoints: 'inline',
  })
}

t.test('the realm and the secret are made once and kept', async (t) => {
  t.testdir()
  const first = open(t, 1)
  t.match(first.realm, /^offhook-[0-9a-f]{8}$/)
  await first.close()
  const second = open(t, 2)
  t.equal(second.realm, first.realm)
  t.same(second.gruuSecret, first.gruuSecret)
  t.equal(first.gruuSecret.length, 32)
  await second.close()
})

t.test('what is queued when the store closes is committed', async (t) => {
  t.testdir()
  const first = open(t, 1)
  first.users.add(someUser('101'))
  const saved = new Promise<Error | undefined>((resolve) => {
    first.bindings.save({ user: '101', put: [someBinding('101')], removed: [] }, resolve)
  })
  await first.close()
  t.equal(await saved, undefined)
  const second = open(t, 1)
  t.same(second.bindings.load(), [someBinding('101')])
  await second.close()
})

t.test('settings', async (t) => {
  t.testdir()
  const { settings, close } = open(t, 1)
  t.equal(settings.get('first-start'), null)
  settings.set('first-start', 'then')
  settings.set('first-start', 'now')
  t.equal(settings.get('first-start'), 'now')
  await close()
})

t.test('a data directory has one owner at a time, who is known by name', async (t) => {
  const directory = dataDirectory(t.testdir())
  const owner = requireOwnership(directory, 'offhook serve', 0)
  t.equal(statSync(directory.lock).mode & 0o777, 0o600)
  t.equal(takeOwnership(directory, 'offhook user add', 0), null)
  t.equal(describeOwner(directory), `process ${process.pid} (offhook serve)`)
  t.throws(() => requireOwnership(directory, 'offhook serve', 0), {
    code: 'DATA_IN_USE',
    message: `${directory.path} is in use by process ${process.pid} (offhook serve); stop it, or name another directory with --data`,
  })
  owner.release()
  t.notOk(existsSync(directory.owner))
  const next = takeOwnership(directory, 'offhook user add', 0)
  t.equal(describeOwner(directory), `process ${process.pid} (offhook user add)`)
  next?.release()
})

t.test('an owner who has not yet said who it is', async (t) => {
  const directory = dataDirectory(t.testdir())
  t.equal(describeOwner(directory), 'another process')
  writeFileSync(directory.owner, '{"pid":')
  t.equal(describeOwner(directory), 'another process')
})
