import t, { type Test } from 'tap'
import type { ConfigEntry, ImportRow, Operations, Pages } from '../../src/api/operations.ts'
import type { Store } from '../../src/store/store.ts'
import { type FakeLive, NOW, stillClock } from '../api/bench.ts'
import { someCall } from '../store/rows.ts'
import { networkContract } from './network.ts'
import { plain } from './plainUser.ts'

/** Operations under test, with what stands behind them. */
export interface OperationsBench {
  readonly operations: Operations
  readonly store: Store
  readonly live: FakeLive
}

/** What all operations do, whoever carries them out. `make` gives a fresh bench for each test. */
export function operationsContract(name: string, make: (t: Test) => Promise<OperationsBench>): void {
  t.test(`${name} keeps the contract of operations`, async (t) => {
    userTests(t, make)
    importTests(t, make)
    deviceAndCallTests(t, make)
    configTests(t, make)
    networkContract(t, make)
  })
}

export { plain }

function userTests(t: Test, make: (t: Test) => Promise<OperationsBench>): void {
  t.test('a user is added with a password that is shown once', async (t) => {
    const { operations, store } = await make(t)
    const added = await operations.addUser({ ...plain, user: '101' })
    t.match(added, {
      user: '101',
      name: null,
      callerId: null,
      allow: ['internal', 'national'],
      digest: null,
      codecs: null,
      media: 'relay',
    })
    t.match(added.password, /^[a-z2-9]{16}$/)
    const { password, ...shown } = added
    t.same(await operations.user('101'), shown)
    t.equal(shown.createdAt, '2026-01-05T09:00:00.000Z')
    t.match(store.users.credentials('101'), { ha1: { md5: /^[0-9a-f]{32}$/, sha256: /^[0-9a-f]{64}$/ } })
  })

  t.test('a password that was given is not given back', async (t) => {
    const { operations } = await make(t)
    t.equal((await operations.addUser({ ...plain, user: '101', password: 'sesame' })).password, null)
  })

  t.test('what exists is not added again, nor what may not be', async (t) => {
    const { operations } = await make(t)
    await operations.addUser({ ...plain, user: '101' })
    await t.rejects(operations.addUser({ ...plain, user: '101' }), {
      code: 'USER_EXISTS',
      message: 'user 101 exists already; change it with: offhook user set 101',
    })
    await t.rejects(operations.addUser({ ...plain, user: '*43' }), { code: 'USER_INVALID' })
  })

  t.test('who does not exist is not shown, set or removed, but somebody near is suggested', async (t) => {
    const { operations } = await make(t)
    await operations.addUser({ ...plain, user: '101' })
    const unknown = { code: 'USER_UNKNOWN', message: 'no user 1o1; did you mean 101?' }
    await t.rejects(operations.user('1o1'), unknown)
    await t.rejects(operations.setUser('1o1', { name: 'x' }), unknown)
    await t.rejects(operations.removeUser('1o1'), unknown)
    await t.rejects(operations.devices('1o1')[Symbol.asyncIterator]().next(), unknown)
    await t.rejects(operations.user('zoe'), { message: 'no user zoe; see: offhook user list' })
  })

  t.test('a change changes what it names, and the server hears of it', async (t) => {
    const { operations, store, live } = await make(t)
    await operations.addUser({ ...plain, user: '101', name: 'Alice', password: 'sesame' })
    const before = store.users.credentials('101')
    const changed = await operations.setUser('101', {
      callerId: '+15551234567',
      digest: ['SHA-256'],
      codecs: ['Opus', 'PCMA'],
      media: 'direct',
    })
    const set = { digest: ['SHA-256'], codecs: ['opus', 'pcma'], media: 'direct' }
    t.match(changed, { name: 'Alice', callerId: '+15551234567', ...set })
    t.same(store.users.credentials('101')?.ha1, before?.ha1)
    await operations.setUser('101', { password: 'open', name: null, digest: null })
    t.match(
      await operations.user('101'),
      { name: null, digest: null, codecs: ['opus', 'pcma'], media: 'direct' },
      'what is absent stays',
    )
    await operations.setUser('101', { codecs: null, media: null })
    t.match(await operations.user('101'), { callerId: '+15551234567', codecs: null, media: 'relay' })
    t.not(store.users.credentials('101')?.ha1.md5, before?.ha1.md5)
    t.same(live.changed, ['101', '101', '101'])
    await t.rejects(operations.setUser('101', { password: '' }), { code: 'USER_INVALID' })
  })

  t.test('a user is removed unless it is in a call', async (t) => {
    const { operations, live } = await make(t)
    await operations.addUser({ ...plain, user: '101' })
    await t.rejects(operations.removeUser('101'), {
      code: 'USER_IN_USE',
      message: 'user 101 is in call c1 with 102; end it first: offhook call hangup c1',
    })
    t.match(await operations.user('101'), { user: '101' })
    await operations.hangUp('c1')
    t.match(await operations.removeUser('101'), { user: '101' })
    await t.rejects(operations.user('101'), { code: 'USER_UNKNOWN' })
    t.same(live.changed, ['101'])
  })

  t.test('lists of users come in pages, in the order of names', async (t) => {
    const { operations } = await make(t)
    const names = Array.from({ length: 1100 }, (_, at) => String(10000 + at))
    await operations.importUsers(pages([names.map((user, at) => ({ ...plain, user, line: at + 2 }))]))
    const got = await gather(operations.users())
    t.same(
      got.flat().map((user) => user.user),
      names,
    )
    t.ok(got.length > 1, `${got.length} pages`)
  })
}

function importTests(t: Test, make: (t: Test) => Promise<OperationsBench>): void {
  const row = (user: string, line: number, fields: Partial<ImportRow> = {}) => ({ ...plain, user, line, ...fields })

  t.test('an import adds all, and makes passwords where there are none', async (t) => {
    const { operations, store } = await make(t)
    const rows = [row('101', 2, { password: 'sesame', name: 'Alice' }), row('102', 3)]
    const { imported, passwords } = await operations.importUsers(pages([rows.slice(0, 1), rows.slice(1)]))
    t.equal(imported, 2)
    t.match(passwords, [{ user: '102', password: /^[a-z2-9]{16}$/ }])
    t.match(await operations.user('101'), { name: 'Alice' })
    const alone = await operations.addUser({ ...plain, user: '103', password: passwords[0]?.password ?? '' })
    t.equal(alone.password, null)
    t.equal(store.users.count(), 3)
  })

  t.test('a bad row stops all of it and is named', async (t) => {
    const { operations, store } = await make(t)
    await operations.addUser({ ...plain, user: '109' })
    const refused: [ImportRow[], string][] = [
      [
        [row('101', 2), row('a b', 3)],
        'line 3: user name "a b" has " " in it; take letters, digits and - _ . + ! ~ * \' ( ) & = $',
      ],
      [[row('101', 2), row('102', 3), row('101', 4)], 'line 4: user 101 stands in line 2 too; take one of them out'],
      [[row('101', 2), row('109', 5)], 'line 5: user 109 exists already; change it with: offhook user set 109'],
      [[row('101', 2, { callerId: '555' })], 'line 2: caller id "555" is not a phone number; write it as +15551234567'],
    ]
    for (const [rows, message] of refused) {
      await t.rejects(operations.importUsers(pages([rows, [row('200', 9)]])), { code: 'IMPORT_INVALID', message })
    }
    t.equal(store.users.count(), 1)
    t.match(await operations.status(), { users: 1 }, 'other requests still work')
  })

  t.test('an import whose file breaks off brings nobody', async (t) => {
    const { operations, store } = await make(t)
    async function* torn(): Pages<ImportRow> {
      yield [row('101', 2)]
      throw new Error('the disk is gone')
    }
    await t.rejects(operations.importUsers(torn()), { message: 'the disk is gone' })
    t.equal(store.users.count(), 0)
  })
}

function deviceAndCallTests(t: Test, make: (t: Test) => Promise<OperationsBench>): void {
  t.test('the status', async (t) => {
    const { operations, store } = await make(t)
    const status = await operations.status()
    t.match(status, { running: true, pid: process.pid, uptime: 93_784, users: 0, registrations: 1, trunks: [] })
    t.match(status, { realm: store.realm, calls: { active: 2, total: 17 }, version: /^\d+\.\d+\.\d+/ })
  })

  t.test('devices, of everybody or of one', async (t) => {
    const { operations } = await make(t)
    await operations.addUser({ ...plain, user: '101' })
    await operations.addUser({ ...plain, user: '102' })
    const device = {
      user: '101',
      contact: 'sip:101@10.0.0.5:5062;transport=udp',
      source: '10.0.0.5:5062',
      transport: 'udp',
      userAgent: 'Yealink SIP-T46U 108.86.0.20',
      domain: 'pbx.example.com',
      registeredAt: '2026-01-05T08:58:00.000Z',
      expires: 3480,
      roundTrip: 12.4,
    }
    t.same((await gather(operations.devices(null))).flat(), [device])
    t.same((await gather(operations.devices('101'))).flat(), [device])
    t.same((await gather(operations.devices('102'))).flat(), [])
  })

  t.test('calls: those that are up, then those that ended', async (t) => {
    const { operations, store } = await make(t)
    for (const age of [3, 2, 1]) store.callRecords.append(someCall(`old${age}`, { startedAt: NOW - age * 3_600_000 }))
    await committed()
    const ids = async (filter: object) =>
      (await gather(operations.calls({ active: false, since: null, user: null, limit: 100, ...filter })))
        .flat()
        .map((call) => call.id)
    t.same(await ids({}), ['c2', 'c1', 'old1', 'old2', 'old3'])
    t.same(await ids({ active: true }), ['c2', 'c1'])
    t.same(await ids({ limit: 3 }), ['c2', 'c1', 'old1'])
    t.same(await ids({ limit: 1 }), ['c2'])
    t.same(await ids({ user: '102' }), ['c1', 'old1', 'old2', 'old3'])
    t.same(await ids({ since: NOW - 2 * 3_600_000 }), ['c2', 'c1', 'old1', 'old2'])
  })

  t.test('one call, up or over', async (t) => {
    const { operations, store } = await make(t)
    store.callRecords.append(
      someCall('old', { startedAt: NOW - 10_000, answeredAt: NOW - 8_000, endedAt: NOW - 1_000 }),
    )
    await committed()
    const up = await operations.call('c1')
    t.match(up, { id: 'c1', state: 'up', duration: 65, endedAt: null, outcome: null, status: null })
    t.same(
      up.legs.map((leg) => leg.chain),
      ['rtp 10.0.0.5:4000 PCMU → rtp 10.0.0.6:4000 PCMU', 'rtp 10.0.0.6:4000 PCMU → rtp 10.0.0.5:4000 PCMU'],
    )
    t.match(await operations.call('c2'), { state: 'ringing', duration: null, answeredAt: null, legs: [] })
    t.match(await operations.call('old'), {
      state: 'ended',
      duration: 7,
      outcome: 'answered',
      endedBy: 'callee',
      status: 200,
      legs: [{ role: 'caller', chain: null }, { role: 'callee' }],
    })
    await t.rejects(operations.call('nix'), { code: 'CALL_UNKNOWN', message: 'no call nix; see: offhook call list' })
  })

  t.test('a call that is up is hung up, once', async (t) => {
    const { operations, store, live } = await make(t)
    await operations.hangUp('c1')
    t.same(live.calls(), [live.ringing])
    await t.rejects(operations.hangUp('c1'), { code: 'CALL_UNKNOWN' })
    store.callRecords.append(someCall('c1', { endedAt: NOW }))
    await committed()
    await t.rejects(operations.hangUp('c1'), {
      code: 'CALL_ENDED',
      message: 'call c1 is over since 2026-01-05T09:00:00.000Z; see: offhook call show c1',
    })
  })
}

const md5 = '0'.repeat(32)
const sha256 = '1'.repeat(64)

function configTests(t: Test, make: (t: Test) => Promise<OperationsBench>): void {
  const how = { sections: ['users'], replace: false, realm: null } as const
  const entries = (...values: unknown[]): Pages<ConfigEntry> =>
    pages([values.map((value, at) => ({ section: 'users' as const, path: `users[${at}]`, value }))])
  const exported = async (operations: Operations, secrets: boolean): Promise<unknown[]> =>
    (await gather(operations.exportConfig({ secrets }))).flat().map(({ value }) => value)

  t.test('a configuration: what an admin made, secrets only where asked for', async (t) => {
    const { operations, store } = await make(t)
    await operations.addUser({ ...plain, user: '102', name: 'Bob', password: 'sesame', digest: ['SHA-256'] })
    const g722 = { allow: [], codecs: ['g722'], media: 'direct' }
    await operations.addUser({ ...plain, user: '101', callerId: '+15551234567', ...g722 })
    const open = [
      { user: '101', 'caller-id': '+15551234567', ...g722 },
      { user: '102', name: 'Bob', allow: ['internal', 'national'], digest: ['SHA-256'] },
    ]
    t.same(await exported(operations, false), open)
    const ha1 = store.users.credentials('102')?.ha1
    t.match((await exported(operations, true))[1], { user: '102', ha1: { ...ha1 } })
  })

  t.test('an import adds and changes; what it does not name stays, and so do passwords', async (t) => {
    const { operations, store, live } = await make(t)
    await operations.addUser({ ...plain, user: '101', name: 'Alice', callerId: '+15551234567' })
    await operations.addUser({ ...plain, user: '102', name: 'Bob' })
    await operations.addUser({ ...plain, user: '103' })
    const before = store.users.credentials('101')
    const { createdAt } = await operations.user('101')
    const added = { user: '104', password: 'sesame', allow: 'internal' }
    const same = { user: '103', allow: ['national', 'internal'] }
    t.same(await operations.importConfig(how, entries({ user: '101', name: 'Alicia' }, added, same)), [
      { section: 'users', added: 1, changed: 1, unchanged: 1, removed: 0 },
    ])
    t.match(
      await operations.user('101'),
      { name: 'Alicia', callerId: null, createdAt },
      'an entry says all of its user',
    )
    t.same(store.users.credentials('101'), before)
    t.match(await operations.user('102'), { name: 'Bob' })
    t.match(await operations.user('104'), { allow: ['internal'] })
    t.match(store.users.credentials('104')?.ha1.md5, /^[0-9a-f]{32}$/)
    t.same(live.changed, ['101', '104', '103'])
    await operations.importConfig(how, entries({ user: '101', password: 'other' }))
    t.not(store.users.credentials('101')?.ha1.md5, before?.ha1.md5, 'at once, whatever was known before')
    const ordered = () => entries({ user: '103', allow: 'internal, national', codecs: 'G722, pcma', media: 'direct' })
    t.match(await operations.importConfig(how, ordered()), [{ changed: 1 }])
    t.match(await operations.user('103'), { codecs: ['g722', 'pcma'], media: 'direct' })
    t.match(await operations.importConfig(how, ordered()), [{ unchanged: 1 }])
  })

  t.test('with replace, what the file does not name goes, unless it is in a call', async (t) => {
    const { operations, live } = await make(t)
    for (const user of ['101', '102', '105']) await operations.addUser({ ...plain, user })
    const replace = { ...how, replace: true }
    await t.rejects(operations.importConfig(replace, entries({ user: '102', name: 'Bob' })), {
      code: 'USER_IN_USE',
      message: 'user 101 is in call c1 with 102; end it first: offhook call hangup c1',
    })
    t.match(await operations.user('102'), { name: null }, 'nothing of it holds')
    await operations.hangUp('c1')
    t.match(await operations.importConfig(replace, entries({ user: '102', name: 'Bob' })), [{ changed: 1, removed: 2 }])
    t.same(
      (await gather(operations.users())).flat().map(({ user }) => user),
      ['102'],
    )
    t.same(live.changed, ['102', '101', '105'])
    t.match(await operations.importConfig({ ...replace, sections: [] }, entries()), [])
    t.match(await operations.user('102'), { name: 'Bob' }, 'a section that the file has not is left alone')
  })

  t.test('a bad entry stops all of it and is named by its path', async (t) => {
    const { operations, store } = await make(t)
    await operations.addUser({ ...plain, user: '109' })
    const refused: [unknown[], string | RegExp][] = [
      [[{ user: '109' }, { user: '109', nmae: 'x' }], 'users[1].nmae: nothing that a user has; did you mean name?'],
      [[{ user: '109', colour: 'x' }], /^users\[0\]\.colour: nothing that a user has; take user, name, /],
      [[{ name: 'x' }], 'users[0].user: write a text'],
      [['109'], 'users[0]: write a user, as in: user: "101"'],
      [[{ user: 'a b' }], /^users\[0\]\.user: user name "a b" has " " in it; /],
      [[{ user: '109', name: ['x'] }], 'users[0].name: write a text'],
      [[{ user: '109', name: 'x'.repeat(200) }], 'users[0].name: the name is longer than 128 characters'],
      [[{ user: '109', 'caller-id': '555' }], /^users\[0\]\.caller-id: caller id "555" is not a phone number/],
      [[{ user: '109', allow: ['inetrnal'] }], /^users\[0\]\.allow: .*did you mean internal\?$/],
      [[{ user: '109', digest: ['MD4'] }], /^users\[0\]\.digest: .*did you mean MD5\?$/],
      [[{ user: '109', codecs: ['opsu'] }], /^users\[0\]\.codecs: .*did you mean opus\?$/],
      [[{ user: '109', password: '' }], /^users\[0\]\.password: the password is empty/],
      [[{ user: '109' }, { user: '109' }], 'users[1].user: 109 stands at users[0] too; take one of them out'],
      [[{ user: '110' }], /^users\[0\]: user 110 is new here and has no password; write one, import a file /],
      [[{ user: '109', ha1: { md5, sha256: 'x' } }], /^users\[0\]\.ha1\.sha256: write 64 hexadecimal digits/],
      [
        [{ user: '109', ha1: { md5, sha256 } }],
        /^users\[0\]\.ha1: it holds for one realm, which the file does not name/,
      ],
      [
        [{ user: '109', password: 'x', ha1: { md5, sha256 } }],
        'users[0].password: there is ha1 too; take one of them out',
      ],
    ]
    for (const [values, message] of refused) {
      const first = { user: '108', password: 'x' }
      const given = pages([
        [{ section: 'users' as const, path: 'users[8]', value: first }],
        ...(await gather(entries(...values))),
      ])
      await t.rejects(operations.importConfig(how, given), { code: 'IMPORT_INVALID', message }, JSON.stringify(values))
    }
    t.equal(store.users.count(), 1)
    t.match(await operations.status(), { users: 1 }, 'other requests still work')
  })

  t.test('hashes of another realm are of no use to a server that runs', async (t) => {
    const { operations, store } = await make(t)
    const ours = { ...how, realm: store.realm }
    await operations.importConfig(ours, entries({ user: '101', ha1: { md5, sha256 } }))
    t.same(store.users.credentials('101')?.ha1, { md5, sha256 })
    await t.rejects(
      operations.importConfig({ ...how, realm: 'else' }, entries({ user: '101', ha1: { md5, sha256 } })),
      {
        message: `users[0].ha1: it is for realm else, not for ${store.realm}; import into a new data directory while no server runs on it, or export without --secrets`,
      },
    )
  })
}

/** Lets what was appended be committed. */
function committed(): Promise<void> {
  return new Promise((resolve) => stillClock.endOfTurn(resolve))
}

async function* pages<T>(given: readonly (readonly T[])[]): Pages<T> {
  yield* given
}

async function gather<T>(given: Pages<T>): Promise<(readonly T[])[]> {
  const got: (readonly T[])[] = []
  for await (const page of given) got.push(page)
  return got
}
