import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readFields } from '../../src/api/plan/kind.ts'
import { EMPTY_NETWORK, type PhoneNetwork } from '../../src/api/plan/network.ts'
import { route } from '../../src/api/plan/route.ts'
import type { RouteEntry } from '../../src/dialplan/plan.ts'
import { openDatabase } from '../../src/store/database.ts'
import { plan } from '../../src/store/plan.ts'

const rule = (name: string, change: object = {}): RouteEntry =>
  readFields(route, { name, match: name, to: 'user:101', ...change }, null)
const withRules = (...routes: RouteEntry[]): PhoneNetwork => ({ ...EMPTY_NETWORK, routes })

function bench() {
  const database = openDatabase(':memory:')
  const positions = database.prepare<[], { name: string; position: number }>(
    'SELECT name, position FROM plan_entries ORDER BY position',
  )
  /** What another process would read. */
  const reread = () => plan(database, 'offhook.db').load()
  return {
    database,
    store: plan(database, 'offhook.db'),
    reread,
    positions: () => positions.all().map((row) => row.position),
  }
}

t.test('what was saved is read again, in its order', async (t) => {
  const { store, reread } = bench()
  t.same(store.load(), EMPTY_NETWORK)
  const [a, b, c] = [rule('a'), rule('b', { after: 20 }), rule('c')]
  for (const routes of [[a, b, c], [c, a, b], [b], [b, a], []]) {
    store.save(withRules(...routes))
    t.same(reread(), withRules(...routes))
  }
})

t.test('only what is different is written', async (t) => {
  const { database, store, positions } = bench()
  const many = Array.from({ length: 100 }, (_, at) => rule(`r${at}`))
  store.save(withRules(...many))
  const writes = () => Number(database.prepare<[], number>('SELECT total_changes()').pluck().get())
  const before = writes()
  store.save(withRules(...many.slice(1)))
  t.equal(writes() - before, 1, 'the one that went')
  store.save(withRules(...many.slice(1), rule('last')))
  t.equal(writes() - before, 2, 'the one that came')
  store.save(withRules(rule('first'), ...many.slice(1), rule('last')))
  t.equal(writes() - before, 4, 'one in the gap in front, and the last that is a new object')
  t.same(
    positions(),
    [...new Set(positions())].sort((x, y) => x - y),
    'no two at one place',
  )
})

t.test('a transaction that was undone leaves nothing of it', async (t) => {
  const { database, store, reread } = bench()
  store.save(withRules(rule('a')))
  t.throws(() =>
    database.transaction(() => {
      store.save(withRules(rule('b')))
      throw new Error('no')
    })(),
  )
  store.forget()
  t.match(store.load(), { routes: [{ name: 'a' }] })
  t.same(store.load(), reread())
})

t.test('fields that came later have their defaults; a row that cannot be read is named', async (t) => {
  const { database, reread } = bench()
  const put = database.prepare<[string, string]>("INSERT OR REPLACE INTO plan_entries VALUES ('routes', ?, 1, ?)")
  put.run('a', '{"name":"a","match":"1","to":["user:101"]}')
  t.same(reread().routes, [rule('a', { match: '1' })])
  const broken: [string, RegExp][] = [
    ['{', /^offhook\.db is damaged: route a in it cannot be read \(.*JSON.*\); put a backup in its place$/],
    ['{"name":"a","match":"1","to":[]}', /route a in it cannot be read \(to: name at least one destination/],
    ['{"name":"b","match":"1","to":["user:101"]}', /route a in it cannot be read \(it has another name inside\)/],
    ['[]', /route a in it cannot be read/],
  ]
  for (const [value, message] of broken) {
    put.run('a', value)
    t.throws(reread, { code: 'DATABASE_UNREADABLE', message }, value)
  }
})

t.test('the file, in which passwords of trunks lie, is for its owner alone', async (t) => {
  const file = join(t.testdir(), 'offhook.db')
  const database = openDatabase(file)
  plan(database, file).save(withRules(rule('a')))
  for (const name of [file, `${file}-wal`]) t.equal(statSync(name).mode & 0o777, 0o600, name)
  database.close()
})
