import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { within } from '../support/deadline.ts'
import { startOffhook } from '../support/offhook.ts'
import { unless } from '../support/tools.ts'

const run = promisify(execFile)
const NEW = '10.77.0.1'

/** One OPTIONS over UDP to NEW: prints the status line of the answer, or nothing. */
const ASK = `
  const socket = require('node:dgram').createSocket('udp4')
  const [port] = process.argv.slice(1)
  socket.on('error', () => process.exit())
  socket.on('message', (bytes) => { console.log(String(bytes).split('\\r\\n')[0]); process.exit() })
  setTimeout(() => process.exit(), 1000)
  socket.send(['OPTIONS sip:${NEW} SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1', 'From: <sip:a@b>;tag=1',
    'To: <sip:${NEW}>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', ''].join('\\r\\n'),
    Number(port), '${NEW}')
`

/** For `skip`: why there is no network namespace to be had here, or false. */
async function unlessNamespaces(): Promise<string | false> {
  const missing = unless('unshare', 'nsenter', 'ip')
  if (missing) return missing
  try {
    await run('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'])
    return false
  } catch {
    return 'no network namespace: run it as root'
  }
}

t.test('addresses come and go', { skip: await unlessNamespaces() }, async (t) => {
  const under = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'isolated']
  const offhook = await startOffhook(t.testdir(), { under, args: ['--host', '0.0.0.0'] })
  t.teardown(() => offhook.stop())
  const inside = async (...command: string[]) => {
    const { stdout } = await run('nsenter', ['-t', String(offhook.pid), '-n', ...command])
    return stdout.trim()
  }
  const listening = async () => {
    const status: { listeners: { address: string }[] } = JSON.parse(await offhook.cli('status', '--json'))
    return status.listeners.map(({ address }) => address)
  }
  const asks = () => inside(process.execPath, '-e', ASK, String(offhook.sip.udp))
  const until = async (there: boolean) => {
    while ((await listening()).some((address) => address.includes(NEW)) !== there) {}
  }
  t.equal(await asks(), '')
  await inside('ip', 'addr', 'add', `${NEW}/24`, 'dev', 'lo')
  await within(15_000, 'the new address to be listened on', until(true))
  t.equal(await asks(), 'SIP/2.0 200 OK')
  await inside('ip', 'addr', 'del', `${NEW}/24`, 'dev', 'lo')
  await within(15_000, 'the old address to be let go of', until(false))
  t.equal((await listening()).length, 4, 'UDP, TCP, STUN and HTTPS of 127.0.0.1')
  await inside('ip', 'addr', 'add', `${NEW}/24`, 'dev', 'lo')
  await within(15_000, 'it to be listened on again', until(true))
  t.equal(await asks(), 'SIP/2.0 200 OK')
})
