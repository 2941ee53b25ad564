import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { unless } from '../support/tools.ts'
import { scene } from './people.ts'

const run = promisify(execFile)

t.test('curl logs in by Digest, and is told where our STUN server is', { skip: unless('curl') }, async (t) => {
  const { server, users } = await scene(t)
  const url = `https://localhost:${server.https}/api/ice`
  const curl = async (...more: string[]) => {
    const trusted = [
      '--silent',
      '--noproxy',
      '*',
      '--ipv4',
      '--cacert',
      join(server.data, 'certificates', 'authority.crt'),
    ]
    const { stdout } = await run('curl', [...trusted, '--write-out', '\n%{http_code}', ...more, url])
    const [body = '', status] = stdout.split('\n')
    return { status, body: JSON.parse(body) }
  }
  const { status, body } = await curl('--digest', '--user', `101:${users['101'].password}`)
  t.equal(status, '200')
  t.match(body, { iceServers: [{ urls: [/^stun:localhost:\d+$/] }], ttl: 43_200 })
  const port = Number(body.iceServers[0].urls[0].split(':')[2])
  const { listeners } = JSON.parse(await server.cli('status', '--json'))
  t.match(
    listeners.find(({ protocol }: { protocol: string }) => protocol === 'stun'),
    { address: '127.0.0.1', port },
  )
  t.equal((await curl()).status, '401')
  t.equal((await curl('--digest', '--user', '101:guess')).status, '401')
  t.equal((await curl('--user', `101:${users['101'].password}`)).status, '401', 'not by Basic')
})
