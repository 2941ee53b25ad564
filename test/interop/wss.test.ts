import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Inviter, SessionState, UserAgent } from 'sip.js'
import t from 'tap'
import { until, within } from '../support/deadline.ts'
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
