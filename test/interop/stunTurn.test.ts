import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { iceServers } from '../../src/http/iceServers.ts'
import { nodeNetwork } from '../../src/platform/nodeNetwork.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { StunServer } from '../../src/stun/server.ts'
import { startChild } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { freePort } from '../support/freePort.ts'
import { silentLog } from '../support/silentLog.ts'
import { unless } from '../support/tools.ts'

const run = promisify(execFile)
const skip = unless('turnserver', 'turnutils_stunclient', 'turnutils_uclient')
const SECRET = 'a secret of 16 or more'
const DAY = 24 * 3600 * 1000

t.test('coturn’s STUN client is told its address', { skip }, async (t) => {
  const server = new StunServer({ clock: systemClock, network: nodeNetwork, log: silentLog, admits: () => true })
  t.teardown(() => server.close())
  const port = await server.listen(['127.0.0.1'], 0)
  const { stdout } = await run('turnutils_stunclient', ['-p', String(port), '127.0.0.1'], { timeout: 10_000 })
  t.match(stdout, /UDP reflexive addr: 127\.0\.0\.1:\d+/)
  t.ok(server.counters.answered > 0)
})

/** A real TURN server with a secret, as docs/turn.md sets it up, but on loopback. */
async function coturn(t: Test): Promise<number> {
  const directory = t.testdir({})
  const port = await freePort()
  const settings = [
    `listening-port=${port}`,
    'use-auth-secret',
    `static-auth-secret=${SECRET}`,
    'realm=pbx.example.com',
    'fingerprint',
    'no-cli',
    ...['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'allow-loopback-peers', 'no-tls', 'no-dtls'],
    ...[`userdb=${join(directory, 'turndb')}`, 'log-file=stdout', 'verbose'],
  ]
  writeFileSync(join(directory, 'turnserver.conf'), `${settings.join('\n')}\n`)
  const child = await startChild('turnserver', ['-c', join(directory, 'turnserver.conf'), '--pidfile='])
  t.teardown(() => child.stop())
  const listens = () => child.output().includes(`UDP listener opened on: 127.0.0.1:${port}`) || undefined
  await until(10_000, 'coturn to listen', listens)
  return port
}

/** The credentials that a browser of 101 would get at `now`. */
function credentials(secret: string, now: Date) {
  const turn = { urls: ['turn:127.0.0.1'], secret }
  const asked = { user: '101', now, host: '127.0.0.1:8443', address: '127.0.0.1', stunPort: null, turn }
  const { username = '', credential = '' } = iceServers(asked).iceServers[0] ?? {}
  return { username, credential }
}

/** Has coturn relay two packets from one client to another; rejects where it does not let them in. */
function relays(port: number, { username, credential }: { username: string; credential: string }) {
  const client = ['-y', '-c', '-n', '2', '-m', '2', '-p', String(port), '-u', username, '-w', credential, '127.0.0.1']
  return run('turnutils_uclient', client, { timeout: 20_000 })
}

t.test('coturn relays for those whom we gave credentials, until they end', { skip }, async (t) => {
  const port = await coturn(t)
  const now = systemClock.wall()
  const { stdout } = await relays(port, credentials(SECRET, now))
  t.match(stdout, /tot_send_msgs=4, tot_recv_msgs=4/)
  await t.rejects(relays(port, credentials('another secret of 16', now)), 'made with another secret')
  await t.rejects(relays(port, credentials(SECRET, new Date(now.getTime() - DAY))), 'ended')
})
