import t from 'tap'
import type { BindingChange } from '../../src/sip/registrar/bindingStore.ts'
import { bindings } from '../../src/store/bindings.ts'
import { openDatabase } from '../../src/store/database.ts'
import { groupCommit } from '../../src/store/groupCommit.ts'
import { SqliteUsers } from '../../src/store/users.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { someBinding, someUser } from './rows.ts'

function bench() {
  const clock = new VirtualClock()
  const database = openDatabase(':memory:')
  const users = new SqliteUsers(database, clock)
  for (const name of ['101', '102']) users.add(someUser(name))
  const store = bindings(database, groupCommit(database, clock))
  async function save(...changes: BindingChange[]): Promise<(string | null)[]> {
    const outcomes: (string | null)[] = []
    for (const change of changes) store.save(change, (error) => outcomes.push(error?.message ?? null))
    await clock.advance(0)
    return outcomes
  }
  return { users, store, save }
}

t.test('a binding comes back as it was saved', async (t) => {
  const { store, save } = bench()
  const v6 = { address: '2001:db8::5', port: 5062 }
  const saved = [
    someBinding('101'),
    someBinding('102', { userAgent: null, contactParams: '', protocol: 'tcp', source: v6 }),
    someBinding('102', {
      ...{ key: 'urn:uuid:1#2', instance: 'urn:uuid:1', regId: 2, gruuEpoch: 'e', protocol: 'wss' },
      path: ['<sip:a.example;lr>', '"B" <sip:b.example;lr;ob>;x=1'],
    }),
  ]
  t.same(await save(...saved.map((binding) => ({ user: binding.user, put: [binding], removed: [] }))), [
    null,
    null,
    null,
  ])
  t.same(store.load(), saved)
})

t.test('a binding of the same key is replaced; a removed one is gone; others stay', async (t) => {
  const { store, save } = bench()
  const desk = someBinding('101', { key: 'desk' })
  const mobile = someBinding('101', { key: 'mobile' })
  await save({ user: '101', put: [desk, mobile], removed: [] })
  const refreshed = { ...desk, cSeq: desk.cSeq + 1, expiresAt: desk.expiresAt + 60_000 }
  await save({ user: '101', put: [refreshed], removed: ['mobile', 'never there'] })
  t.same(store.load(), [refreshed])
})

t.test('a change whose user is gone fails alone', async (t) => {
  const { store, save } = bench()
  const [a, ghost] = [someBinding('101'), someBinding('ghost')]
  const outcomes = await save({ user: '101', put: [a], removed: [] }, { user: 'ghost', put: [ghost], removed: [] })
  t.same(outcomes, [null, 'FOREIGN KEY constraint failed'])
  t.same(store.load(), [a])
})

t.test("a removed user's bindings go with it", async (t) => {
  const { users, store, save } = bench()
  await save({ user: '101', put: [someBinding('101')], removed: [] })
  users.remove('101')
  t.same(store.load(), [])
})

t.test("a changed user's bindings stay", async (t) => {
  const { users, store, save } = bench()
  await save({ user: '101', put: [someBinding('101')], removed: [] })
  users.set('101', { displayName: 'Alice' })
  t.equal(store.load().length, 1)
})
