import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AddedUser } from '../../src/api/operations.ts'
import type { StartServer } from '../../src/cli/serve.ts'
import type { ServerOptions } from '../../src/config.ts'
import { OffhookError } from '../../src/errors.ts'
import { commandLine } from './bench.ts'

const user = (name: string, password: string): AddedUser => ({
  user: name,
  name: null,
  callerId: null,
  allow: ['internal'],
  digest: null,
  codecs: null,
  media: 'relay',
  createdAt: '2026-01-05T09:00:00.000Z',
  password,
})

/** A server that only notes what it was started with. */
function fakeServer(
  firstUsers: AddedUser[] = [],
  sip = { udp: 5060, tcp: 5060 },
  https: { port: number } | null = null,
) {
  const started: (ServerOptions & { data: string })[] = []
  const steps: string[] = []
  const start: StartServer = async (options) => {
    started.push(options)
    return {
      addresses: ['192.168.1.7', '2001:db8::7'],
      sip,
      https,
      firstUsers,
      stop: async () => void steps.push('stopped'),
    }
  }
  return { start, started, steps }
}

const ready = (sip: object) => `${JSON.stringify({ ready: true, sip, https: null, pid: process.pid })}\n`

t.test('the first start prints what a phone needs, then the ready line', async (t) => {
  const { start, steps } = fakeServer([user('101', 'mk4xw7rt2hc9nbp3'), user('102', 'p3nb9ch2tr7wx4km')])
  const { status, out } = await commandLine(t, start).offhook('serve')
  t.equal(status, 0)
  t.equal(
    out,
    `Offhook is up. Two users were made; register a phone as each:

SERVER       PORT  TRANSPORT   USER  PASSWORD
192.168.1.7  5060  UDP or TCP  101   mk4xw7rt2hc9nbp3
192.168.1.7  5060  UDP or TCP  102   p3nb9ch2tr7wx4km

The passwords are not shown again (offhook user set USER --password … changes one).
Then dial one from the other, or *43 for the echo test.

${ready({ udp: 5060, tcp: 5060, tls: null })}`,
  )
  t.same(steps, ['stopped'], 'told to stop, it stops')
})

t.test('later starts say where it listens', async (t) => {
  const { start } = fakeServer([], { udp: 41000, tcp: 41001 })
  t.equal(
    (await commandLine(t, start).offhook('serve')).out,
    `Offhook listens on 192.168.1.7:41000, [2001:db8::7]:41000 (UDP, or TCP on port 41001)
${ready({ udp: 41000, tcp: 41001, tls: null })}`,
  )
})

t.test('the phone page: its address, and a square to hold a camera to', async (t) => {
  const https = { port: 8443 }
  const sip = { udp: 5060, tcp: 5060 }
  const { out } = await commandLine(t, fakeServer([user('101', 'mk4xw7rt2hc9nbp3')], sip, https).start).offhook('serve')
  t.match(out, /Or open https:\/\/192\.168\.1\.7:8443\/ in a browser and log in as one of them\.\n/)
  t.match(out, /\n█{2}[█▄▀ ]{27,40}\n/, 'a square')
  t.match(out, /https:\/\/192\.168\.1\.7:8443\/ca says how/)
  t.match(out, /"https":8443,/)
  const later = (await commandLine(t, fakeServer([], sip, https).start).offhook('serve')).out
  t.match(later, /\(UDP or TCP\), phone page https:\/\/192\.168\.1\.7:8443\/\n/)
  t.notMatch(later, /█/)
})

t.test('as JSON: a line for the users that were made, if any, and the ready line', async (t) => {
  const made = [user('101', 'mk4xw7rt2hc9nbp3')]
  const sip = { udp: 5060, tcp: 5060, tls: null }
  t.equal(
    (await commandLine(t, fakeServer(made).start).offhook('serve', '--json')).out,
    `{"firstUsers":[{"user":"101","password":"mk4xw7rt2hc9nbp3"}]}\n${ready(sip)}`,
  )
  t.equal((await commandLine(t, fakeServer().start).offhook('serve', '--json')).out, ready(sip))
})

t.test('flags, then the file that is named, or the one in the data directory', async (t) => {
  const { start, started } = fakeServer()
  const { offhook, data } = commandLine(t, start)
  writeFileSync(join(data, 'offhook.yaml'), 'sip-port: 5070\nlog-level: warn\n')
  writeFileSync(join(data, 'other.yaml'), 'sip-port: 5090\n')
  await offhook('serve', '--log-level', 'debug', '--local-net', '10.0.0.0/8', '--local-net', 'fd00::/8')
  await offhook('serve', '--config', join(data, 'other.yaml'), '--host', '127.0.0.1', '--rtp-ports', '20000-20999')
  await offhook('serve', '--sip-port', '0', '--external-ip', 'auto', '--media-threads', '3', '--country', 'de')
  await offhook('serve', '--dns-server', '127.0.0.1:5353', '--dns-server', '::1')
  t.match(started, [
    { data, sipPort: 5070, logLevel: 'debug', localNets: ['10.0.0.0/8', 'fd00::/8'], host: null },
    { sipPort: 5090, logLevel: 'info', host: '127.0.0.1', rtpPorts: { from: 20000, to: 20999 } },
    { sipPort: 0, externalIp: 'auto', mediaThreads: 3, logLevel: 'warn', country: 'DE' },
    { dnsServers: ['127.0.0.1:5353', '::1'] },
  ])
})

t.test('what cannot start says why', async (t) => {
  const { offhook, data } = commandLine(t, async () => {
    throw new OffhookError('DATA_IN_USE', 'the data is in use; stop the other')
  })
  t.same(await offhook('serve'), { status: 1, out: '', error: 'the data is in use; stop the other\n' })
  t.match(await offhook('serve', '--sip-port', 'x'), { status: 2, error: /^--sip-port is "x"; write a port/ })
  for (const country of ['UK', 'ZZ', 'Germany', 'D'])
    t.match(await offhook('serve', '--country', country), { status: 2, error: /write a country as in DE/ })
  t.match(await offhook('serve', '--config', '/none'), { status: 1, error: /^cannot read \/none \(ENOENT\)/ })
  writeFileSync(join(data, 'offhook.yaml'), 'sip-prot: 5070\n')
  t.match(await offhook('serve'), {
    status: 1,
    error: `${data}/offhook.yaml: sip-prot is no setting; did you mean sip-port?\n`,
  })
})
