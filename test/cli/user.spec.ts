import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commandLine, servedCommandLine } from './bench.ts'

t.test('user add makes a password and shows it once', async (t) => {
  const { offhook } = commandLine(t)
  const { status, out, error } = await offhook('user', 'add', '101', '--name', 'Alice')
  t.same([status, error], [0, ''])
  t.match(out, /^user 101 added\n {2}password {2}[a-z2-9]{16} {3}\(not shown again\)\n$/)
  const [password = ''] = /[a-z2-9]{16}/.exec(out) ?? []
  for (const again of [['list'], ['show', '101'], ['list', '--json'], ['show', '101', '--json']]) {
    const { out } = await offhook('user', ...again)
    t.match(out, 'Alice')
    t.notMatch(out, password)
  }
})

t.test('a password that was given is not shown, wherever it came from', async (t) => {
  const { offhook, fed } = commandLine(t)
  t.same(await offhook('user', 'add', '101', '--password', 'sesame'), { status: 0, out: 'user 101 added\n', error: '' })
  t.same(await fed('sesame\r\nmore\n', 'user', 'add', '102', '--password', '-'), {
    status: 0,
    out: 'user 102 added\n',
    error: '',
  })
  t.match(await fed('', 'user', 'add', '103', '--password', '-'), {
    status: 1,
    error: 'the password is empty; leave it out and one is made\n',
  })
})

t.test('user add as JSON', async (t) => {
  const { offhook } = commandLine(t)
  const options = [
    '--caller-id',
    '+15551234567',
    '--allow',
    'international,internal',
    '--digest',
    'sha-256,md5',
    '--codecs',
    'Opus,G722,pcma',
    '--media',
    'Direct',
    '--json',
  ]
  const { out } = await offhook('user', 'add', '101', ...options)
  const added = JSON.parse(out)
  const keys = ['user', 'name', 'callerId', 'allow', 'digest', 'codecs', 'media', 'createdAt', 'password']
  t.same(Object.keys(added), keys)
  t.match(added, { user: '101', name: null, callerId: '+15551234567', allow: ['internal', 'international'] })
  t.same(added.digest, ['SHA-256', 'MD5'])
  t.same(added.codecs, ['opus', 'g722', 'pcma'])
  t.equal(added.media, 'direct')
})

t.test('user list and show', async (t) => {
  const { offhook } = commandLine(t)
  await offhook('user', 'add', '101', '--name', 'Alice Ärger', '--caller-id', '+15551234567')
  await offhook('user', 'add', '102', '--allow', 'none', '--digest', 'SHA-256', '--codecs', 'g722,pcmu')
  t.equal(
    (await offhook('user', 'list')).out,
    `USER  NAME         CALLER ID     ALLOW              DIGEST   CODECS
101   Alice Ärger  +15551234567  internal,national
102                                                 SHA-256  g722,pcmu
`,
  )
  t.match(
    (await offhook('user', 'show', '101')).out,
    /^user 101\n {2}name {7}Alice Ärger\n {2}caller id {2}\+15551234567\n/,
  )
  const shown = (await offhook('user', 'show', '102')).out
  t.notMatch(shown, /name|caller id/, 'what does not exist is absent')
  t.match(shown, /^ {2}codecs {5}g722, pcmu$/m)
  t.notMatch((await offhook('user', 'show', '101')).out, /codecs/)
  const { out } = await offhook('user', 'list', '--json')
  t.match(JSON.parse(out), [
    { user: '101' },
    { user: '102', name: null, callerId: null, allow: [], digest: ['SHA-256'] },
  ])
  t.match(JSON.parse((await offhook('user', 'show', '102', '--json')).out), { user: '102', name: null })
})

t.test('user set and remove', async (t) => {
  const { offhook } = commandLine(t)
  await offhook('user', 'add', '101', '--name', 'Alice', '--digest', 'MD5')
  t.match(
    (await offhook('user', 'set', '101', '--caller-id', '+15551234567')).out,
    /name {7}Alice\n {2}caller id {2}\+1555/,
  )
  const { out } = await offhook('user', 'set', '101', '--name', '', '--digest', 'default', '--json')
  t.match(JSON.parse(out), { name: null, callerId: '+15551234567', digest: null })
  t.match((await offhook('user', 'set', '101', '--codecs', 'PCMA, pcmu')).out, /^ {2}codecs {5}pcma, pcmu$/m)
  t.notMatch((await offhook('user', 'set', '101', '--codecs', 'Default')).out, /codecs/)
  t.match((await offhook('user', 'set', '101', '--media', 'direct')).out, /^ {2}media {6}direct$/m)
  t.notMatch((await offhook('user', 'set', '101', '--media', 'relay')).out, /media/)
  t.match(await offhook('user', 'set', '101'), {
    status: 2,
    error: 'nothing to set of user 101; see: offhook user set --help\n',
  })
  t.match(await offhook('user', 'remove', '101'), { status: 0, out: 'user 101 removed\n' })
  t.match(await offhook('user', 'list'), { out: 'no users; add one: offhook user add 101\n' })
})

t.test('refusals are one line with a mend, and exit 1', async (t) => {
  const { offhook } = commandLine(t)
  await offhook('user', 'add', '101')
  const refused: [string[], string][] = [
    [['show', '1o1'], 'no user 1o1; did you mean 101?'],
    [['set', '1o1', '--name', 'x'], 'no user 1o1; did you mean 101?'],
    [['remove', 'zoe'], 'no user zoe; see: offhook user list'],
    [['add', '101'], 'user 101 exists already; change it with: offhook user set 101'],
    [['add', '*43'], 'user name *43 begins with *, as built-in numbers do; choose another'],
    [['add', '102', '--caller-id', '555'], 'caller id "555" is not a phone number; write it as +15551234567'],
    [['add', '102', '--allow', 'inetrnal'], '"inetrnal" is nothing one can allow; did you mean internal?'],
    [['set', '101', '--digest', 'MD4'], '"MD4" is not a digest algorithm; did you mean MD5?'],
    [['set', '101', '--codecs', 'pcma,ulaw'], '"ulaw" is not a codec; did you mean pcmu?'],
    [['set', '101', '--media', 'p2p'], '"p2p" is no way for media; take relay, direct'],
    [['set', '101', '--codecs', ''], '"" is not a codec; take opus, g722, pcma, pcmu'],
  ]
  for (const [argv, message] of refused) {
    t.same(await offhook('user', ...argv), { status: 1, out: '', error: `${message}\n` }, argv.join(' '))
  }
})

t.test('user import', async (t) => {
  const { offhook, fed, data } = commandLine(t)
  const file = join(data, 'users.csv')
  writeFileSync(
    file,
    '\uFEFFUser,Password,Name,Caller_ID,Allow\r\n101,sesame,"Alice, of Sales",+15551234567,internal international\r\n\r\n102,,Bob,,\r\n',
  )
  const { status, out } = await offhook('user', 'import', file)
  t.equal(status, 0)
  t.match(
    out,
    /^2 users imported\n\nMade for those without a password, and not shown again:\n\nUSER {2}PASSWORD\n102 {3}[a-z2-9]{16}\n$/,
  )
  t.match(JSON.parse((await offhook('user', 'list', '--json')).out), [
    { user: '101', name: 'Alice, of Sales', callerId: '+15551234567', allow: ['internal', 'international'] },
    { user: '102', name: 'Bob', callerId: null, allow: ['internal', 'national'] },
  ])
  const more = await fed(
    'user,password,digest,codecs,media\n103,x,"SHA-256,MD5",opus pcma,direct\n104,x,,,\n',
    ...['user', 'import', '-', '--json'],
  )
  t.same(JSON.parse(more.out), { imported: 2, passwords: [] })
  const set = { digest: ['SHA-256', 'MD5'], codecs: ['opus', 'pcma'], media: 'direct' }
  t.match(JSON.parse((await offhook('user', 'show', '103', '--json')).out), set)
  t.match(JSON.parse((await offhook('user', 'show', '104', '--json')).out), {
    digest: null,
    codecs: null,
    media: 'relay',
  })
})

t.test('a bad file is named with its line, and nothing of it is imported', async (t) => {
  const { offhook, fed, data } = commandLine(t)
  const refused: [string, string | RegExp][] = [
    ['user,password\n101,a\n1 02,b\n', /^stdin line 3: user name "1 02" has " " in it; /],
    ['user,password\n101,a\n102,b,c\n', 'stdin line 3: it has not as many columns as the first line\n'],
    ['user,passwrod\n101,a\n', 'stdin line 1: no column passwrod is known; did you mean password?\n'],
    ['name,password\nAlice,a\n', /^stdin line 1: there is no column user; name the columns, as in user,password/],
    ['user,name\n101,"Ali"ce"\n', /^stdin line 2: .*quotes stand around a whole field/],
    [`user,name\n101,${'x'.repeat(5000)}\n`, 'stdin line 2: it is longer than 4096 characters\n'],
    ['user,password\n101,a\n,b\n', 'stdin line 3: a user name is missing\n'],
    ['user\n101\n102\n101\n', 'stdin line 4: user 101 stands in line 2 too; take one of them out\n'],
    ['', /^stdin line 1: /],
  ]
  for (const [text, error] of refused) {
    t.match(await fed(text, 'user', 'import', '-'), { status: 1, out: '', error }, text.slice(0, 40))
  }
  t.same(await offhook('user', 'import', join(data, 'none.csv')), {
    status: 1,
    out: '',
    error: `cannot read ${join(data, 'none.csv')} (ENOENT)\n`,
  })
  t.match(await offhook('user', 'list', '--json'), { out: '[]\n' })
})

t.test('through a running server: it obeys at once', async (t) => {
  const { offhook, fed, store, live } = await servedCommandLine(t)
  await offhook('user', 'add', '101')
  t.equal(store.users.count(), 1)
  t.match(await fed('user,password\n105,x\n106,y\n', 'user', 'import', '-'), { out: '2 users imported\n' })
  t.match(await fed('user,password\n107,x\n105,y\n', 'user', 'import', '-'), {
    status: 1,
    error: 'stdin line 3: user 105 exists already; change it with: offhook user set 105\n',
  })
  t.match(await fed('user,password\n107,x\n108\n', 'user', 'import', '-'), { status: 1, error: /^stdin line 3: / })
  t.equal(store.users.count(), 3)
  await offhook('user', 'set', '105', '--name', 'Eve')
  t.same(live.changed, ['105'])
  t.match((await offhook('user', 'list')).out, /^105 {3}Eve/m)
  t.same(await offhook('user', 'remove', '101'), {
    status: 1,
    out: '',
    error: 'user 101 is in call c1 with 102; end it first: offhook call hangup c1\n',
  })
})
