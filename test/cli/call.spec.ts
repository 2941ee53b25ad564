import t from 'tap'
import { NOW } from '../api/bench.ts'
import { someCall, someUser } from '../store/rows.ts'
import { commandLine, servedCommandLine } from './bench.ts'

t.test('call list', async (t) => {
  const { offhook, store, committed } = await servedCommandLine(t)
  store.callRecords.append(
    someCall('old', { startedAt: NOW - 7_200_000, answeredAt: NOW - 7_190_000, endedAt: NOW - 3_500_000 }),
  )
  store.callRecords.append(
    someCall('missed', {
      startedAt: NOW - 7_300_000,
      answeredAt: null,
      answeredBy: null,
      outcome: 'no-answer',
      status: 480,
    }),
  )
  await committed()
  t.equal(
    (await offhook('call', 'list')).out,
    `ID      STARTED              FROM  TO    LENGTH  STATE
c2      2026-01-05 08:59:57  103   104           ringing
c1      2026-01-05 08:58:50  101   102     1:05  up
old     2026-01-05 07:00:00  101   102  1:01:30  answered
missed  2026-01-05 06:58:20  101   102           no-answer
`,
  )
  const ids = async (...argv: string[]) =>
    JSON.parse((await offhook('call', 'list', '--json', ...argv)).out).map((call: { id: string }) => call.id)
  t.same(await ids(), ['c2', 'c1', 'old', 'missed'])
  t.same(await ids('--active'), ['c2', 'c1'])
  t.same(await ids('--user', '102'), ['c1', 'old', 'missed'])
  t.same(await ids('--since', '2026-01-05T07:00'), ['c2', 'c1', 'old'])
  t.same(await ids('--limit', '3'), ['c2', 'c1', 'old'])
  t.same(await ids('--user', 'nobody'), [])
  t.equal((await offhook('call', 'list', '--user', 'nobody')).out, 'no calls\n')
  for (const argv of [
    ['--since', 'lately'],
    ['--limit', '0'],
    ['--limit', 'all'],
  ]) {
    const { status, error } = await offhook('call', 'list', ...argv)
    t.equal(status, 2)
    t.match(error, `${argv.join(' ')} is no `)
  }
})

t.test('the keys of a call stay the same, up or over', async (t) => {
  const { offhook, store, committed } = await servedCommandLine(t)
  store.callRecords.append(someCall('old'))
  await committed()
  const { out } = await offhook('call', 'list', '--json')
  for (const call of JSON.parse(out)) {
    const who = ['id', 'state', 'from', 'fromName', 'to', 'answeredBy']
    const when = ['startedAt', 'answeredAt', 'endedAt', 'duration']
    t.same(Object.keys(call), [...who, ...when, 'outcome', 'endedBy', 'status', 'reason'])
  }
})

t.test('call show: a call that is up', async (t) => {
  const { offhook } = await servedCommandLine(t)
  t.equal(
    (await offhook('call', 'show', 'c1')).out,
    `call c1  up
  from         101 "Alice"
  to           102
  answered by  102
  started      2026-01-05 08:58:50
  answered     2026-01-05 08:58:55
  length       1:05

caller 101  baresip v1.0.0
  signalling  udp 10.0.0.5:5062
  media       rtp 10.0.0.5:4000 PCMU → rtp 10.0.0.6:4000 PCMU
  received    3250 packets, lost 2, jitter 1.3 ms, MOS 4.4 (good)
  sent        3248 packets, lost 3 (6.3 % lately), jitter 2.3 ms, MOS 4.3 (good)
  round trip  42 ms
  dropped     1 source

callee 102  baresip v1.0.0
  signalling  udp 10.0.0.6:5062
  media       rtp 10.0.0.6:4000 PCMU → rtp 10.0.0.5:4000 PCMU
  received    3250 packets, lost 2, jitter 1.3 ms, MOS 4.4 (good)
  sent        3248 packets, lost 3 (6.3 % lately), jitter 2.3 ms, MOS 4.3 (good)
  round trip  42 ms
`,
  )
  const { out } = await offhook('call', 'show', 'c1', '--json')
  t.match(JSON.parse(out), {
    id: 'c1',
    endedAt: null,
    legs: [{ role: 'caller', stats: { lost: 2 } }, { role: 'callee' }],
  })
})

t.test('call show: a call that is over', async (t) => {
  const { offhook, store, committed } = await servedCommandLine(t)
  const from = { startedAt: NOW, answeredAt: NOW + 1_000, endedAt: NOW + 3_000 }
  store.callRecords.append(someCall('old', { ...from, fromName: 'A\u001b[31m', reason: '102 hung up' }))
  await committed()
  t.equal(
    (await offhook('call', 'show', 'old')).out,
    `call old  answered
  from         101 "A\uFFFD[31m"
  to           102
  answered by  102
  started      2026-01-05 09:00:00
  answered     2026-01-05 09:00:01
  ended        2026-01-05 09:00:03
  length       0:02
  ended by     callee
  status       200
  reason       102 hung up

caller 101  baresip
  signalling  10.0.0.5:5062

callee 102
  signalling  10.0.0.6:5062
`,
  )
})

t.test('call explain: a call that is up, and one that is over', async (t) => {
  const { offhook, store, committed } = await servedCommandLine(t)
  store.callRecords.append(
    someCall('old', {
      ...{ startedAt: NOW, answeredAt: null, endedAt: NOW + 3_000, outcome: 'busy', status: 486, reason: 'busy' },
      fromName: 'A\u001b[31m',
      events: [
        { at: 40, type: 'called', phone: 1, user: '102', remote: '10.0.0.6:5062', userAgent: null },
        { at: 3_000, type: 'refused', phone: 1, status: 486, phrase: null },
        { at: 3_000, type: 'ended', by: 'callee', status: 486, reason: 'the phone was busy', causes: [] },
      ],
    }),
  )
  await committed()
  t.equal(
    (await offhook('call', 'explain', 'old')).out,
    `call old  busy, 2026-01-05 09:00:00
  09:00:00  +0.0 s  101 "A\uFFFD[31m" called 102, from 10.0.0.5:5062 (baresip).
  09:00:00  +0.0 s  The phone of 102 was called, at 10.0.0.6:5062.
  09:00:03  +3.0 s  The phone of 102 was busy (486 Busy Here).
  09:00:03  +3.0 s  The call failed: the phone was busy. 101 was told: 486 Busy Here.
`,
  )
  t.match(
    (await offhook('call', 'explain', 'c1')).out,
    /08:58:55 .* The phone of 102 answered after 4\.9 s of ringing\.\n.* It is up, .*\n\n {2}101 sent PCMU: 3250 packets, 0\.1 % lost/,
  )
  const { events, explanation } = JSON.parse((await offhook('call', 'explain', 'old', '--json')).out)
  t.match(events[1], { at: 3_000, type: 'refused', status: 486 })
  t.match(explanation.story[2], { at: 3_000, text: 'The phone of 102 was busy (486 Busy Here).' })
  t.match(await offhook('call', 'explain', 'nix'), { status: 1, error: 'no call nix; see: offhook call list\n' })
})

t.test('call hangup', async (t) => {
  const { offhook, live } = await servedCommandLine(t)
  t.same(await offhook('call', 'hangup', 'c1'), { status: 0, out: 'call c1 hung up\n', error: '' })
  t.same(live.calls(), [live.ringing])
  t.same(await offhook('call', 'hangup', 'c1'), { status: 1, out: '', error: 'no call c1; see: offhook call list\n' })
  t.match(JSON.parse((await offhook('call', 'hangup', 'c2', '--json')).out), { id: 'c2', state: 'ended' })
})

t.test('device list', async (t) => {
  const { offhook, store } = await servedCommandLine(t)
  store.users.add(someUser('101'))
  store.users.add(someUser('102'))
  t.equal(
    (await offhook('device', 'list')).out,
    `USER  SOURCE         VIA  EXPIRES    RTT  USER AGENT      CONTACT
101   10.0.0.5:5062  udp    58:00  12 ms  Yealink SIP-T…  sip:101@10.0.0.5:5062…
`,
  )
  t.match(await offhook('device', 'list', '102'), { status: 0, out: 'no phones of 102\n' })
  t.match(await offhook('device', 'list', '1o1'), { status: 1, error: 'no user 1o1; did you mean 101?\n' })
  t.match(JSON.parse((await offhook('device', 'list', '101', '--json')).out), [{ user: '101', roundTrip: 12.4 }])
})

t.test('status', async (t) => {
  const { offhook, data, store } = await servedCommandLine(t)
  const { out } = await offhook('status')
  t.equal(
    out.replace(/Offhook [\d.]+/, 'Offhook 0.1.0').replace(`process ${process.pid}`, 'process 4711'),
    `Offhook 0.1.0  running since 1 d 2 h, process 4711
  data        ${data}
  listens     udp 0.0.0.0:5060
  listens     tcp [::]:5060
  https       2 connections, certificate until 2029-02-21
  authority   SHA-256 F8:01
  domains     pbx.example.com
  realm       ${store.realm}
  users       0
  phones      1 registered
  calls       2 up, 17 since the start
  signalling  5 transactions, 3 dialogs, 1 connections
  media       2 legs on 1 threads, 4 ports in use
  dropped     3 malformed messages
  ignoring    203.0.113.66
  cpu         12.3 s user, 3.5 s system
  memory      64 MiB
  loop delay  1.3 ms (99th percentile)
`,
  )
})

t.test('without a server: what is stored, and null for what is not known', async (t) => {
  const { offhook, data } = commandLine(t)
  await offhook('user', 'add', '101')
  const status = JSON.parse((await offhook('status', '--json')).out)
  t.match(status, { running: false, pid: null, uptime: null, listeners: [], users: 1, registrations: 0, trunks: null })
  t.match(await offhook('status'), { status: 0, out: new RegExp(`^Offhook .*  not running\n  data +${data}\n  realm`) })
  t.match(await offhook('call', 'list'), { status: 0, out: 'no calls\n' })
  t.match(await offhook('device', 'list'), { status: 0, out: 'no phones\n' })
  t.match(await offhook('call', 'hangup', 'c1'), { status: 1, error: 'no call c1; see: offhook call list\n' })
})
