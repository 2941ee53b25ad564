import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connect, heard } from '../interop/conversation.ts'
import { NEAR } from '../support/browser/link.ts'
import { pathOf } from '../support/browser/path.ts'
import { startChild } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { unless } from '../support/tools.ts'
import { BROWSER, CONNECTING, DESK, sharedChromium, sharedScene, skip, TORN } from './people.ts'

const PORT = 3478
const SECRET = 'a secret of 16 or more'

const scene = sharedScene(
  t,
  `turn-urls: ['turn:${NEAR}:${PORT}?transport=udp']
turn-secret: ${SECRET}
`,
)
const chromium = sharedChromium(t, BROWSER)

t.test(
  'a browser that only coturn gets through calls a desk phone',
  { skip: skip || unless('turnserver') },
  async (t) => {
    const people = await scene(t)
    await coturn(t)
    const window = await chromium()
    const web = await people.web('101', window)
    await web.page.addInitScript('window.relayOnly = true')
    const desk = await people.baresip('102', { tone: DESK, codecs: 'PCMU' })
    await connect(web, desk, '102')
    await web.listens(4)
    await desk.listens(4)
    const { local, remote } = pathOf(await web.stats())
    t.match(local, { candidateType: 'relay', relayProtocol: 'udp' })
    t.match(remote, { address: NEAR })
    await web.hangsUp()
    await desk.ends()
    heard(t, web, DESK, 3, TORN)
    heard(t, desk, BROWSER, 3, CONNECTING)
  },
)

/** A real TURN server with a secret, as docs/turn.md sets it up, beside ours. */
async function coturn(t: Test): Promise<void> {
  const directory = t.testdir({})
  const settings = [
    `listening-port=${PORT}`,
    ...['use-auth-secret', `static-auth-secret=${SECRET}`, 'realm=pbx.example.com', 'fingerprint', 'no-cli'],
    ...[`listening-ip=${NEAR}`, `relay-ip=${NEAR}`, 'no-tls', 'no-dtls', 'no-multicast-peers'],
    ...[`userdb=${join(directory, 'turndb')}`, 'log-file=stdout', 'verbose'],
  ]
  writeFileSync(join(directory, 'turnserver.conf'), `${settings.join('\n')}\n`)
  const child = await startChild('turnserver', ['-c', join(directory, 'turnserver.conf'), '--pidfile='])
  t.teardown(() => child.stop())
  const listens = () => child.output().includes(`UDP listener opened on: ${NEAR}:${PORT}`) || undefined
  await until(15_000, 'coturn to listen', listens)
}
