import t from 'tap'
import { openDatabase } from '../../src/store/database.ts'
import { SqliteUsers } from '../../src/store/users.ts'
import { VirtualClock } from '../support/virtual/clock.ts'
import { someUser } from './rows.ts'

function bench() {
  const clock = new VirtualClock()
  return { clock, users: new SqliteUsers(openDatabase(':memory:'), clock) }
}

const names = (users: SqliteUsers) => users.list().map((user) => user.name)

t.test('a user comes back as it was added, without its secrets', async (t) => {
  const { users } = bench()
  const alice = someUser('101', {
    displayName: 'Alice Ärger',
    callerId: '+15551234567',
    allow: ['internal', 'national'],
    digest: ['SHA-256', 'MD5'],
    codecs: ['opus', 'g722'],
    media: 'direct',
  })
  t.equal(users.add(alice), true)
  const { ha1, ...shown } = alice
  t.same(users.find('101'), shown)
  t.same(users.credentials('101'), { user: '101', ha1, algorithms: ['SHA-256', 'MD5'] })
  t.equal(users.count(), 1)
})

t.test('nobody is found where nobody is', async (t) => {
  const { users } = bench()
  t.same([users.find('101'), users.credentials('101'), users.count()], [null, null, 0])
  t.same([users.set('101', {}), users.remove('101')], [false, false])
})

t.test('names are unique and compared exactly', async (t) => {
  const { users } = bench()
  t.equal(users.add(someUser('alice')), true)
  t.equal(users.add(someUser('alice', { displayName: 'another' })), false)
  t.equal(users.add(someUser('Alice')), true)
  t.equal(users.find('alice')?.displayName, null)
})

t.test('a change changes what it names; credentials follow at once', async (t) => {
  const { users } = bench()
  users.add(someUser('101', { displayName: 'Alice', digest: ['MD5'] }))
  users.credentials('101')
  t.equal(users.set('101', { ha1: { md5: 'new', sha256: 'newer' }, digest: null }), true)
  t.same(users.credentials('101'), { user: '101', ha1: { md5: 'new', sha256: 'newer' }, algorithms: null })
  t.equal(users.find('101')?.displayName, 'Alice')
  users.set('101', { allow: [], displayName: null, codecs: ['pcma'] })
  t.match(users.find('101'), { allow: [], displayName: null, codecs: ['pcma'], createdAt: 1000 })
})

t.test('a removed user is gone, for authentication too', async (t) => {
  const { users } = bench()
  users.add(someUser('101'))
  users.credentials('101')
  t.equal(users.remove('101'), true)
  t.same([users.find('101'), users.credentials('101')], [null, null])
})

t.test('a user who comes after being asked for is found', async (t) => {
  const { users } = bench()
  t.equal(users.credentials('101'), null)
  users.add(someUser('101'))
  t.equal(users.credentials('101')?.user, '101')
})

t.test('lists come in the order of names, page by page', async (t) => {
  const { users } = bench()
  for (const name of ['102', 'zoe', '101', '1000']) users.add(someUser(name))
  t.same(names(users), ['1000', '101', '102', 'zoe'])
  t.same(
    users.list('101', 1).map((user) => user.name),
    ['102'],
  )
})

t.test('an import brings all of its users', async (t) => {
  const { clock, users } = bench()
  users.add(someUser('7'))
  const imported = users.import(Array.from({ length: 1200 }, (_, at) => someUser(`1${String(at).padStart(4, '0')}`)))
  await clock.advance(0)
  await imported
  t.equal(users.count(), 1201)
  t.match(users.credentials('11199'), { ha1: { md5: 'md5 of 11199' } })
})

t.test('an import with a taken name brings nobody and names it', async (t) => {
  const { clock, users } = bench()
  users.add(someUser('102'))
  const refused = t.rejects(users.import(['101', '102', '103'].map((name) => someUser(name))), {
    code: 'USER_EXISTS',
    message: /^user 102 exists already/,
  })
  await clock.advance(0)
  await refused
  t.same(names(users), ['102'])
})

t.test('an import that names one user twice brings nobody', async (t) => {
  const { clock, users } = bench()
  const refused = t.rejects(users.import([someUser('101'), someUser('101')]), { code: 'USER_EXISTS' })
  await clock.advance(0)
  await refused
  t.same(names(users), [])
})

t.test('a name taken while an import was under way stops it', async (t) => {
  const { clock, users } = bench()
  const refused = t.rejects(users.import([someUser('101'), someUser('102')]), { code: 'USER_EXISTS' })
  users.add(someUser('102', { displayName: 'first' }))
  await clock.advance(0)
  await refused
  t.same(
    users.list().map((user) => user.displayName),
    ['first'],
  )
})

t.test('imports follow one another, a failed one included', async (t) => {
  const { clock, users } = bench()
  const first = users.import([someUser('101')])
  const second = t.rejects(users.import([someUser('101'), someUser('102')]))
  const third = users.import([someUser('103')])
  await clock.advance(0)
  await Promise.all([first, second, third])
  t.same(names(users), ['101', '103'])
})
