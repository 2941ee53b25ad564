import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kindNames } from '../../src/api/plan/network.ts'
import { type CommandLine, commandLine, servedCommandLine } from './bench.ts'

/** Three users whose names and fields YAML is tempted to take for something else. */
async function someUsers({ offhook }: CommandLine): Promise<void> {
  await offhook('user', 'add', '007', '--name', 'no', '--password', 'sesame', '--caller-id', '+15551234567')
  await offhook('user', 'add', 'alice', '--name', 'Alice: "Ärger" # 1', '--allow', 'none', '--digest', 'SHA-256,MD5')
  await offhook('user', 'add', '1e3', '--name', '- ~', '--allow', 'international', '--codecs', 'g722,PCMA')
}

t.test('config export: for people to read, in an order that stays', async (t) => {
  const line = commandLine(t)
  await someUsers(line)
  const { status, out } = await line.offhook('config', 'export')
  t.equal(status, 0)
  t.equal(
    out,
    `# The configuration of an Offhook: everything an admin made. Registrations and calls are not in it.
# Passwords are not in it: users and trunks that exist keep theirs (offhook config export --secrets writes them).
# Put it in place with: offhook config import FILE
offhook: 1

users:
  - user: "007"
    name: no
    caller-id: "+15551234567"
    allow: [internal, national]
  - user: "1e3"
    name: "- ~"
    allow: [international]
    codecs: [g722, pcma]
  - user: alice
    name: 'Alice: "Ärger" # 1'
    allow: []
    digest: [SHA-256, MD5]
${kindNames.map((name) => `\n${name}: []\n`).join('')}`,
  )
  t.same(await line.offhook('config', 'export'), { status: 0, out, error: '' })
})

t.test('with secrets: import into a fresh data directory, and all is as it was', async (t) => {
  const [from, to] = [commandLine(t), commandLine(t)]
  await someUsers(from)
  const { out } = await from.offhook('config', 'export', '--secrets')
  t.match(out, /^# KEEP IT SECRET/m)
  t.match(out, /^realm: offhook-[0-9a-f]{8}$/m)
  const file = join(to.data, 'all.yaml')
  writeFileSync(file, out)
  t.same(await to.offhook('config', 'import', file), { status: 0, out: 'users: 3 added\n', error: '' })
  t.equal((await to.offhook('config', 'export', '--secrets')).out, out, 'export | import | export')
  t.same(await to.offhook('config', 'import', file), { status: 0, out: 'users: 3 unchanged\n', error: '' })
  const { out: shown } = await to.offhook('user', 'show', 'alice', '--json')
  t.match(JSON.parse(shown), { name: 'Alice: "Ärger" # 1', allow: [], digest: ['SHA-256', 'MD5'] })
})

t.test('without secrets: onto the same users it changes nothing; new ones need a password', async (t) => {
  const [from, to] = [commandLine(t), commandLine(t)]
  await someUsers(from)
  const { out } = await from.offhook('config', 'export')
  t.match(await from.fed(out, 'config', 'import', '-'), { status: 0, out: 'users: 3 unchanged\n' })
  t.equal((await from.offhook('config', 'export')).out, out)
  t.match(await to.fed(out, 'config', 'import', '-'), {
    status: 1,
    error: /^stdin: users\[0\]: user 007 is new here and has no password; write one, /,
  })
  t.match(await to.offhook('user', 'list', '--json'), { out: '[]\n' })
})

t.test('passwords of another realm', async (t) => {
  const [from, to] = [commandLine(t), commandLine(t)]
  await someUsers(from)
  const { out } = await from.offhook('config', 'export', '--secrets')
  await to.offhook('user', 'add', '101')
  t.match(await to.fed(out, 'config', 'import', '-'), { status: 1, error: /users\[0\]\.ha1: it is for realm offhook-/ })
  const mixed = out.replace('\n\ntrunks:', "\n  - user: '102'\n    password: x\n\ntrunks:")
  t.match(await to.fed(mixed, 'config', 'import', '--replace', '-'), { status: 1, error: /users\[0\]\.ha1: / })
  t.match(await to.fed(out, 'config', 'import', '--replace', '-'), { out: 'users: 3 added, 1 removed\n' })
  t.equal((await to.offhook('config', 'export', '--secrets')).out, out)
})

t.test('as JSON too, and back', async (t) => {
  const line = commandLine(t)
  await someUsers(line)
  const { out } = await line.offhook('config', 'export', '--secrets', '--json')
  t.same(Object.keys(JSON.parse(out)), ['offhook', 'realm', 'users', ...kindNames])
  const none = { added: 0, changed: 0, unchanged: 0, removed: 0 }
  const nothing = kindNames.map((section) => ({ section, ...none }))
  t.match(await line.fed(out, 'config', 'import', '-', '--json'), {
    out: `${JSON.stringify([{ section: 'users', ...none, unchanged: 3 }, ...nothing], null, 2)}\n`,
  })
})

t.test('through a running server: at once', async (t) => {
  const line = await servedCommandLine(t)
  const text = 'offhook: 1\nusers:\n  - {user: 101, password: x}\n  - {user: 00102, password: y, allow: internal}\n'
  t.same(await line.fed(text, 'config', 'import', '-'), { status: 0, out: 'users: 2 added\n', error: '' })
  t.match(line.store.users.find('00102'), { allow: ['internal'] })
  t.same(line.live.changed, ['101', '00102'])
  const { out } = await line.offhook('config', 'export', '--secrets')
  t.match(await line.fed(out, 'config', 'import', '-'), { out: 'users: 2 unchanged\n' })
  t.match(await line.fed(`${text}  - {user: 1 3}\n`, 'config', 'import', '-'), {
    status: 1,
    error: /^stdin: users\[2\]\.user: /,
  })
  t.equal(line.store.users.count(), 2)
})

t.test('what is no configuration is refused, naming the place and the mend', async (t) => {
  const { offhook, fed, data } = commandLine(t)
  await offhook('user', 'add', '101')
  const refused: [string, string | RegExp][] = [
    ['', 'stdin: it is no configuration; see: offhook config export\n'],
    ['- user: 101\n', 'stdin: it is no configuration; see: offhook config export\n'],
    ['users: []\n', 'stdin: offhook: it is missing; write offhook: 1, the version of the format\n'],
    ['offhook: 2\n', /^stdin: offhook: this Offhook reads version 1; /],
    ['offhook: 1\nuser: []\n', 'stdin: user: nothing that a configuration has; did you mean users?\n'],
    ['offhook: 1\nusers: {}\n', 'stdin: users: write a list, each entry with a dash\n'],
    ['offhook: 1\nrealm: []\n', 'stdin: realm: write a text\n'],
    ['offhook: 1\nusers:\n  - user: "101\n', /^stdin: line \d is not YAML: /],
    ['offhook: 1\noffhook: 1\n', /^stdin: line 2 is not YAML: Map keys must be unique/],
    [
      'offhook: 1\nusers:\n  - user: 101\n    nmae: x\n',
      'stdin: users[0].nmae: nothing that a user has; did you mean name?\n',
    ],
  ]
  for (const [text, error] of refused) {
    t.match(await fed(text, 'config', 'import', '-'), { status: 1, out: '', error }, text)
  }
  const file = join(data, 'none.yaml')
  t.match(await offhook('config', 'import', file), { status: 1, error: `${file}: cannot be read (ENOENT)\n` })
  t.match(await fed('offhook: 1\n', 'config', 'import', '-'), { status: 0, out: 'nothing to import\n' })
})
