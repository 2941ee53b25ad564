import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { Inviter, SessionState, UserAgent } from 'sip.js'
import t from 'tap'
import { until, within } from '../support/deadline.ts'
import { startOffhook } from '../support/offhook.ts'
import { startSipJs } from '../support/phones/sipJs.ts'
import { scene } from './people.ts'

const run = promisify(execFile)
const INSTANCE = '4f2a9c1e-1111-4222-8333-944455566677'

t.test('SIP.js registers over WSS, calls, loses its connection and comes back as itself', async (t) => {
  const people = await scene(t)
  const { server, users } = people
  const url = `wss://127.0.0.1:${server.https}/sip`
  const authority = readFileSync(join(server.data, 'certificates', 'authority.crt'), 'utf8')
  const devices = async () => JSON.parse(await server.cli('device', 'list', '101', '--json'))

  const phone = await startSipJs({ ...users['101'], url, authority, instance: INSTANCE })
  t.teardown(() => phone.stop())
  await phone.registers()
  t.match(await devices(), [{ user: '101', transport: 'wss', contact: /\.invalid;transport=ws/ }])

  const target = UserAgent.makeURI('sip:*43@127.0.0.1')
  if (!target) throw new Error('no URI')
  const call = new Inviter(phone.agent, target)
  const became = (wanted: SessionState): Promise<void> =>
    within(
      5_000,
      `the call to be ${wanted}`,
      new Promise((resolve) => call.stateChange.addListener((state) => state === wanted && resolve())),
    )
  const up = became(SessionState.Established)
  await call.invite()
  await up
  const over = became(SessionState.Terminated)
  await call.bye()
  await over

  phone.loses()
  await until(5_000, 'the phone to be gone', async () => ((await devices()).length === 0 ? true : undefined))
  await phone.reconnects()
  await phone.registers()
  t.equal((await devices()).length, 1, 'the same phone, once')

  // As a page that is loaded anew, while the server still believes in the old connection.
  const again = await startSipJs({ ...users['101'], url, authority, instance: INSTANCE })
  t.teardown(() => again.stop())
  await again.registers()
  t.equal((await devices()).length, 1, 'no ghost')
  await again.unregisters()
  t.equal((await devices()).length, 0)
})

t.test('openssl trusts the certificate by our authority, and it names this host', async (t) => {
  const { server } = await scene(t)
  const authority = join(server.data, 'certificates', 'authority.crt')
  const port = `127.0.0.1:${server.https}`
  const shake = (...more: string[]) => {
    const told = run('openssl', ['s_client', '-connect', port, '-CAfile', authority, '-verify_return_error', ...more])
    told.child.stdin?.end()
    return told
  }
  t.match((await shake('-verify_ip', '127.0.0.1')).stdout, /Verify return code: 0 \(ok\)/)
  t.match((await shake('-verify_hostname', 'localhost')).stdout, /Verify return code: 0 \(ok\)/)
  await t.rejects(shake('-verify_hostname', 'elsewhere.example'), 'it names nobody else')
  await t.rejects(shake('-tls1_1'), 'nothing older than TLS 1.2')
})

t.test('a certificate of our own is shown, and the next one without a restart', async (t) => {
  const dir = t.testdir()
  const [cert, key] = [join(dir, 'pbx.crt'), join(dir, 'pbx.key')]
  const makes = (name: string): Promise<unknown> => {
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '9']
    return run('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert])
  }
  await makes('first.example')
  const data = mkdtempSync(join(tmpdir(), 'offhook-'))
  const server = await startOffhook(data, { args: ['--cert', cert, '--key', key] })
  t.teardown(async () => {
    await server.stop()
    rmSync(data, { recursive: true })
  })
  const first = await shows(server.https)
  first.socket.destroy()
  t.equal(first.name, 'first.example')
  await makes('second.example')
  const second = await until(20_000, 'the new certificate', async () => {
    const shown = await shows(server.https)
    shown.socket.destroy()
    return shown.name === 'second.example' ? shown : undefined
  })
  t.equal(second.name, 'second.example')
  const last = await shows(server.https)
  last.socket.write('GET /api/health HTTP/1.1\r\nHost: second.example\r\n\r\n')
  const [answer] = await within(5_000, 'an answer', once(last.socket, 'data'))
  t.match(String(answer), /^HTTP\/1\.1 200 OK\r\n[\s\S]*strict-transport-security/)
  last.socket.destroy()
  t.match(JSON.parse(await server.cli('status', '--json')), { https: { authority: null } })
})

t.test('a port that is taken, and a certificate that is none, are told of in one line', async (t) => {
  const { server } = await scene(t)
  const data = mkdtempSync(join(tmpdir(), 'offhook-'))
  t.teardown(() => rmSync(data, { recursive: true }))
  const taken = startOffhook(data, { args: ['--https-port', String(server.https)] })
  await t.rejects(taken, {
    message: /port \d+ of 127\.0\.0\.1 is in use; stop what uses it, or choose another with --https-port\n/,
  })
  const none = join(data, 'none.crt')
  const missing = startOffhook(data, { args: ['--cert', none, '--key', none] })
  await t.rejects(missing, {
    message: /there is no file .*none\.crt; name a PEM certificate and its key with --cert and --key\n/,
  })
})

/** Whom a new connection meets. */
async function shows(port: number) {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await within(5_000, 'TLS', once(socket, 'secureConnect'))
  return { socket, name: socket.getPeerCertificate().subject.CN }
}
