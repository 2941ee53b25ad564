import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { commandLine, servedCommandLine } from './bench.ts'

/** Two users, a trunk, and a rule by which they call Germany. */
async function connected(t: Test) {
  const line = commandLine(t)
  const { offhook } = line
  for (const user of ['101', '102']) await offhook('user', 'add', user, '--allow', 'internal,national,international')
  await offhook(
    'trunk',
    'add',
    'main',
    '--host',
    'sip.example.com:5070',
    '--username',
    'u',
    '--password',
    'sesame',
    '--emergency',
  )
  await offhook('route', 'add', 'out', '--match', '\\+49\\d+', '--to', 'trunk:main', '--no-answer', 'user:102')
  return line
}

t.test('the commands of cli.md work as they stand there', async (t) => {
  const { offhook } = await connected(t)
  const lines: [string[], string | RegExp][] = [
    [
      [
        'trunk',
        'add',
        'twilio',
        '--preset',
        'twilio',
        '--host',
        'acme.pstn.twilio.com',
        '--allow-ip',
        '203.0.113.0/24',
      ],
      'trunk twilio added\n',
    ],
    [
      [
        'schedule',
        'add',
        'office',
        '--tz',
        'Europe/Berlin',
        '--open',
        'mon-fri 09:00-17:00',
        '--closed',
        '2026-12-25',
        '--closed',
        '2026-12-26',
      ],
      'schedule office added\n',
    ],
    [
      ['group', 'add', 'sales', '--members', '101,102', '--order', 'longest-idle', '--step', '15s'],
      'group sales added\n',
    ],
    [
      ['number', 'add', '+15551234567', '--to', 'group:sales', '--trunk', 'twilio', '--label', 'Main line'],
      'number +15551234567 added\n',
    ],
    [
      ['number', 'availability', '+15551234567', 'overflow', '--over-calls', '3', '--fallback', 'user:101'],
      /over calls {4}3\n {2}fallback {6}user:101/,
    ],
    [
      ['number', 'availability', '+15551234567', 'after-hours', '--schedule', 'office'],
      /schedule {6}office\n {2}fallback {6}user:101/,
    ],
    [
      [
        'route',
        'add',
        'night',
        '--match',
        '.*',
        '--from',
        'trunk:twilio',
        '--when',
        '!office',
        '--over-calls',
        '2',
        '--counting',
        'trunk:twilio',
        '--to',
        'user:101,reject:486',
        '--weights',
        '3,1',
        '--before',
        'out',
      ],
      'route night added\n',
    ],
    [
      [
        'route',
        'add',
        'nine',
        '--match',
        '9(?P<rest>\\d+)',
        '--strip',
        '1',
        '--prepend',
        '+49',
        '--caller-id',
        '+15551234567',
        '--caller',
        '.*',
        '--after',
        '20s',
        '--to',
        'trunk:main',
      ],
      'route nine added\n',
    ],
    [['route', 'move', 'nine', '--before', 'night'], 'route nine stands before night now\n'],
    [
      ['route', 'list'],
      'ROUTE  MATCH           FROM          WHEN     TO\nnine   9(?P<rest>\\d+)  any                    trunk:main\nnight  .*              trunk:twilio  !office  user:101, reject:486\nout    \\+49\\d+         any                    trunk:main\n',
    ],
    [
      ['route', 'show', 'out'],
      'route out\n  match      \\+49\\d+\n  from       any\n  to         trunk:main\n  no answer  user:102\n',
    ],
    [['route', 'set', 'nine', '--after', 'none'], /^route nine\n/],
    [['route', 'remove', 'nine'], 'route nine removed\n'],
    [['group', 'set', 'sales', '--members', '102'], /members {2}102\n/],
    [['group', 'list'], 'GROUP  ORDER         STEP  MEMBERS\nsales  longest-idle  15 s  102\n'],
    [['limit', 'set', 'any', '--calls', '2', '--minutes-per-day', '60', '--night', '22:00-06:00'], /^limit any\n/],
    [
      ['limit', 'list'],
      'OF   CALLS  CALLS A DAY  MINUTES A DAY  NO CALLS\nany      2                          60  22:00-06:00\n',
    ],
    [['limit', 'remove', 'any'], 'limit any removed\n'],
    [
      ['user', 'forward', '101', '--busy', 'user:102', '--no-answer', 'user:102', '--after', '20s'],
      'user 101 forwards\n  busy       user:102\n  no answer  user:102\n  after      20 s\n',
    ],
    [['user', 'forward', '101', '--busy', 'none'], 'user 101 forwards\n  no answer  user:102\n  after      20 s\n'],
    [['user', 'forward', '101', '--none'], 'user 101 forwards nothing\n'],
    [['user', 'dnd', '101', 'on'], 'user 101 forwards\n  do not disturb  on\n'],
    [['user', 'dnd', '101', 'off'], 'user 101 forwards nothing\n'],
    [['user', 'forward', '101'], 'user 101 forwards nothing\n'],
    [['schedule', 'list'], /^SCHEDULE {2}TIME ZONE .*\noffice {4}Europe\/Berlin {2}mon-fri 09:00-17:00 {2}2026-12-25/],
    [['number', 'remove', '+15551234567'], 'number +15551234567 removed\n'],
  ]
  for (const [argv, out] of lines) t.match(await offhook(...argv), { status: 0, out, error: '' }, argv.join(' '))
})

t.test('lists and shows as JSON', async (t) => {
  const { offhook } = await connected(t)
  const [trunk] = JSON.parse((await offhook('trunk', 'list', '--json')).out)
  t.match(trunk, { name: 'main', host: 'sip.example.com', port: 5070, hasPassword: true, state: null })
  t.notOk('password' in trunk)
  const route = JSON.parse((await offhook('route', 'show', 'out', '--json')).out)
  t.same(Object.keys(route), [
    ...['name', 'match', 'from', 'caller', 'when', 'overCalls', 'overCallsOf', 'to', 'weights', 'strip', 'prepend'],
    ...['number', 'callerId', 'after', 'busy', 'noAnswer', 'offline', 'unavailable'],
  ])
  t.match(route, { noAnswer: 'user:102', busy: null, when: null })
  t.match(JSON.parse((await offhook('user', 'dnd', '101', 'on', '--json')).out), {
    user: '101',
    dnd: true,
    always: null,
  })
  for (const noun of ['group', 'number', 'schedule', 'limit'])
    t.equal((await offhook(noun, 'list', '--json')).out, '[]\n')
  t.equal((await offhook('dialplan', 'expect', 'list', '--json')).out, '[]\n')
})

t.test("a trunk's password comes from stdin, and is seen nowhere", async (t) => {
  const { offhook, fed } = commandLine(t)
  const add = ['trunk', 'add', 'voip', '--preset', 'voipms', '--host', 'atlanta1.voip.ms', '--username', '123456']
  const outcomes = [
    await fed('sesame\n', ...add, '--password-stdin'),
    await offhook('trunk', 'show', 'voip'),
    await offhook('trunk', 'set', 'voip', '--max-calls', '4', '--json'),
    await offhook('trunk', 'list'),
    await offhook('config', 'export'),
    await offhook('trunk', 'remove', 'voip', '--json'),
  ]
  for (const { status } of outcomes) t.equal(status, 0)
  t.notMatch(JSON.stringify(outcomes), 'sesame')
  t.match(await fed('', ...add, '--password-stdin'), { status: 1, error: /password/ })
  t.match(await fed('x\n', ...add, '--password-stdin', '--password', 'y'), { status: 2 })
})

t.test('dialplan test: rule by rule, what happens, what follows', async (t) => {
  const { offhook } = await connected(t)
  t.equal(
    (await offhook('dialplan', 'test', '+4930123456', '--from', '101', '--at', '2026-01-05T10:00')).out.replace(
      /^ {2}✗ .*\n/gm,
      '',
    ),
    `+4930123456 from 101, 2026-01-05 10:00:00

  ✓ route out          +4930123456 matches \\+49\\d+, and so does all else it asks

→ dials +4930123456 over trunk main, showing the trunk's own number   (route out)

On the way there:
  route out sends it to trunk:main

And if that is
  busy, offline, unavailable  → the caller hears so
  not answered                → route out rings 102
`,
  )
  const { out } = await offhook('dialplan', 'test', '+15551234567', '--from', '101', '--json')
  t.match(JSON.parse(out), {
    number: '+15551234567',
    from: '101',
    rules: [{ matched: false }],
    to: 'reject:403',
    follows: [],
  })
})

t.test('dialplan test: as if calls were up', async (t) => {
  const { offhook } = await connected(t)
  const test = ['dialplan', 'test', '+4930123456', '--from', '101'] as const
  await offhook('limit', 'set', 'user:101', '--calls', '1')
  const full = await offhook(...test, '--at', '2026-01-05T10:00', '--calls-up', 'user:101=1', '--calls-up', 'any=3')
  t.match(full.out, /10:00:00, as if 1 call of user:101 were up, as if 3 calls of any were up$/m)
  t.match(full.out, /^→ is refused with 480: user:101 has 1 of 1 calls at once/m)
  t.match((await offhook(...test, '--calls-up', 'user:101=0')).out, /^→ dials \+4930123456/m)
  for (const written of ['any', 'any=', 'any=x', 'any=-1', '=3']) {
    t.match(await offhook(...test, '--calls-up', written), { status: 2, error: /write it as any=3/ }, written)
  }
  t.match(await offhook(...test, '--calls-up', 'all=3'), { status: 1, error: /"all" has no calls to count/ })
})

t.test('expectations', async (t) => {
  const { offhook } = await connected(t)
  const call = ['+4930123456', '--from', '101']
  t.match(await offhook('dialplan', 'expect', ...call, '--to', 'trunk:main'), {
    status: 0,
    out: '+4930123456 from 101 goes to trunk:main, and is to stay so\n',
  })
  t.match(await offhook('dialplan', 'check'), { status: 0, out: /^1 expectation, all kept$/m })
  t.match(await offhook('route', 'remove', 'out'), {
    status: 1,
    error: /^\+4930123456 from 101 is to go to trunk:main, and would go to reject:403; nothing was changed; /,
  })
  t.equal(
    (await offhook('dialplan', 'expect', 'list')).out,
    'NUMBER       FROM  CALLER  AT  TO\n+4930123456  101               trunk:main\n',
  )
  t.match(await offhook('dialplan', 'expect', 'remove', '+4930123456'), {
    status: 0,
    out: 'expectation +4930123456 from 101 removed\n',
  })
  t.match(await offhook('route', 'remove', 'out'), { status: 0 })
})

t.test('callers of a shared number: one by one, and thousands from a file in seconds', async (t) => {
  const { offhook, fed, data } = await connected(t)
  await offhook('number', 'add', '+18002273369', '--to', 'user:101')
  const map = ['--map', '+15551234567=user:102', '--map', '+15557654321=user:101']
  t.match(await offhook('number', 'callers', '+18002273369', ...map), {
    out: '2 callers added, 0 changed, 0 as they were\n',
  })
  t.equal(
    (await offhook('number', 'callers', '+18002273369')).out,
    'CALLER        TO\n+15551234567  user:102\n+15557654321  user:101\n',
  )
  t.match(JSON.parse((await offhook('number', 'callers', 'list', '+18002273369', '--json')).out), [
    { to: 'user:102' },
    { to: 'user:101' },
  ])
  t.match(await offhook('number', 'remove', '+18002273369'), {
    status: 1,
    error: /^number \+18002273369 is used by caller /,
  })
  t.match(await offhook('number', 'callers', 'remove', '+18002273369', '+15551234567'), {
    out: 'caller +15551234567 removed\n',
  })
  const file = join(data, 'callers.csv')
  const rows = Array.from({ length: 10_000 }, (_, at) => `+1555${String(1_000_000 + at)},user:10${1 + (at % 2)}`)
  writeFileSync(file, `caller,to\n${rows.join('\n')}\n`)
  const began = process.hrtime.bigint()
  t.match(await offhook('number', 'callers', '+18002273369', '--file', file), { out: /^\d+ callers added, / })
  const took = Number(process.hrtime.bigint() - began) / 1e6
  t.comment(`10,000 callers in ${took.toFixed(0)} ms`)
  t.ok(took < 5000, 'in seconds')
  const wrong = 'caller,to\n+15551111111,user:101\n+15552222222,user:7\n'
  t.match(await fed(wrong, 'number', 'callers', '+18002273369', '--file', '-'), {
    status: 1,
    error: /^stdin line 3: .*7/,
  })
  t.match(await offhook('number', 'callers', 'remove', '+18002273369', '--all'), { out: '10001 callers removed\n' })
  t.match(await offhook('number', 'remove', '+18002273369'), { status: 0 })
})

t.test('wrong usage, and what only a running server can do', async (t) => {
  const { offhook } = await connected(t)
  const refused: [string[], number, string | RegExp][] = [
    [['route', 'add', 'x', '--match', '1'], 2, /--to/],
    [['route', 'set', 'out'], 2, 'nothing to set of route out; see: offhook route set --help\n'],
    [['user', 'dnd', '101', 'maybe'], 2, 'dnd maybe is neither on nor off\n'],
    [['user', 'forward', '1o1'], 1, 'no user 1o1; did you mean 101?\n'],
    [['number', 'callers', '+1800', '--map', 'x'], 2, /^--map x says not who goes where/],
    [
      ['trunk', 'test', 'main'],
      1,
      'no server runs, and only a running one can test trunk main; start it first: offhook serve\n',
    ],
    [['trunk', 'show', 'mian'], 1, 'no trunk mian; did you mean main?\n'],
    [['trunk', 'remove', 'main'], 1, 'trunk main is used by route out; take it out there first\n'],
  ]
  for (const [argv, status, error] of refused) t.match(await offhook(...argv), { status, error }, argv.join(' '))
  t.match((await offhook('route', 'add', '--help')).out, 'Examples:')
})

t.test('through a running server: it obeys at once, and says how trunks are doing', async (t) => {
  const { offhook, live } = await servedCommandLine(t)
  await offhook('trunk', 'add', 'main', '--host', 'sip.example.com')
  t.match(live.network, { trunks: [{ name: 'main' }] })
  t.match((await offhook('trunk', 'list')).out, /^main {3}generic {2}sip\.example\.com {2}up /m)
  t.match((await offhook('trunk', 'show', 'main')).out, /server {6}udp 203\.0\.113\.5:5060\n/)
  t.match(await offhook('trunk', 'test', 'main'), {
    status: 1,
    out: '✓ resolves    main.example.com is 203.0.113.5\n✗ registers   the provider refuses the password\n',
    error: 'trunk main does not work: the provider refuses the password\n',
  })
  t.match(await offhook('number', 'add', '030 1234567', '--to', 'app:echo'), { out: 'number +49301234567 added\n' })
})

t.test('a configuration with a network goes out and in', async (t) => {
  const [from, to] = [await connected(t), commandLine(t)]
  await from.offhook('group', 'add', 'sales', '--members', '101,102')
  await from.offhook('number', 'add', '+15551234567', '--to', 'group:sales', '--label', '007: "x" # y')
  await from.offhook('number', 'callers', '+15551234567', '--map', '+15557654321=user:102')
  await from.offhook('schedule', 'add', 'office', '--tz', 'Europe/Berlin', '--open', 'mon,wed 09:00-17:00')
  await from.offhook('limit', 'set', 'trunk:main', '--calls', '3')
  await from.offhook('user', 'dnd', '102', 'on')
  await from.offhook('dialplan', 'expect', '+4930123456', '--from', '101', '--to', 'trunk:main')
  const { out } = await from.offhook('config', 'export', '--secrets')
  t.match(
    out,
    /^ {2}- name: main\n {4}host: sip\.example\.com\n {4}port: 5070\n {4}username: u\n {4}password: sesame\n {4}emergency: true$/m,
  )
  t.match(await to.fed(out, 'config', 'import', '-'), { status: 0, out: /^trunks: 1 added$/m })
  t.equal((await to.offhook('config', 'export', '--secrets')).out, out)
  t.match(await to.fed(out.replace('user:102\n', 'user:109\n'), 'config', 'import', '-'), { status: 1, error: /109/ })
  t.equal((await to.offhook('config', 'export', '--secrets')).out, out)
})
