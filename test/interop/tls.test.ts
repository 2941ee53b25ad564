import { createServer as createPlain, type Server, type Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { issue, makeAuthority } from '../../src/certificates/issue.ts'
import { connectionProblem } from '../../src/platform/connectionProblem.ts'
import { nodeNetwork } from '../../src/platform/nodeNetwork.ts'
import { tlsConnector } from '../../src/platform/nodeTls.ts'
import { systemRandom } from '../../src/platform/random.ts'
import { systemClock } from '../../src/platform/systemClock.ts'
import { Advertiser } from '../../src/sip/transport/advertise.ts'
import { TransportLayer } from '../../src/sip/transport/layer.ts'
import { requestBytes } from '../sip/messages.ts'
import { until, within } from '../support/deadline.ts'
import { silentLog } from '../support/silentLog.ts'

const YEAR = 365 * 24 * 3600 * 1000
const NAME = 'sip.example.com'
const authority = await makeAuthority('Test', ['example.com', 'example.net'], new Date(), systemRandom)
const connectTls = tlsConnector(authority.chain)

/** A TLS server that shows a certificate of the test's authority for these names. */
async function provider(t: Test, dns: readonly string[], at = new Date(), options: TlsOptions = {}) {
  const pair = await issue(authority, { dns, addresses: [] }, at, systemRandom)
  const shown: string[] = []
  const sockets: TLSSocket[] = []
  const server = createServer({ cert: pair.chain, key: pair.key, ...options }, (socket) => {
    socket.on('error', () => {})
    shown.push(String(socket.servername))
    sockets.push(socket)
    socket.on('data', (bytes) => socket.write(bytes))
  })
  return { to: await listening(t, server), shown, sockets }
}

async function listening(t: Test, server: Server) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { address: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 }
}

/** In words, why no connection comes about. */
async function problem(to: { address: string; port: number }, name = NAME, timeout = 3_000): Promise<string> {
  try {
    const connection = await within(5_000, 'a refusal', connectTls(to, { name, timeout }))
    connection.close()
    return 'connected'
  } catch (error) {
    return connectionProblem(error)
  }
}

t.test('a provider that proves its name is talked to, and told by which name it is wanted', async (t) => {
  const { to, shown } = await provider(t, ['*.example.com'])
  const connection = await connectTls(to, { name: NAME, timeout: 3_000, from: '127.0.0.1' })
  const got = new Promise<string>((resolve) => connection.onData((bytes) => resolve(String(Buffer.from(bytes)))))
  const closed = new Promise<Error | undefined>((resolve) => connection.onClosed(resolve))
  connection.write(Buffer.from('OPTIONS'))
  t.equal(await within(3_000, 'the echo', got), 'OPTIONS')
  t.strictSame([connection.remote, connection.local.address, shown], [to, '127.0.0.1', [NAME]])
  connection.close()
  t.equal(await within(3_000, 'the end', closed), undefined)
})

t.test('why there is no connection stands in words', async (t) => {
  const good = await provider(t, [NAME])
  t.equal(await problem(good.to), 'connected')
  t.equal(await problem(good.to, 'evil.example.net'), `its certificate is for another name (${NAME})`)
  t.match(await problem(good.to, '127.0.0.1'), /^its certificate is for another name/)
  const old = await provider(t, [NAME], new Date(Date.now() - 5 * YEAR))
  t.equal(await problem(old.to), 'its certificate has expired')
  const early = await provider(t, [NAME], new Date(Date.now() + YEAR))
  t.match(await problem(early.to), /^its certificate is not valid yet/)
  const strange = await nodeNetwork
    .connectTls(good.to, { name: NAME, timeout: 3_000 })
    .then(() => 'connected', connectionProblem)
  t.match(strange, /^nobody that we trust has signed its certificate/)
  const wants = await provider(t, [NAME], new Date(), { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
  t.match(await problem(wants.to), /TLS|encrypt/)
})

t.test('a port that speaks no TLS, says nothing, or has nobody', async (t) => {
  const talks = await listening(
    t,
    createPlain((socket) => socket.write('SIP/2.0 400 Bad Request\r\n\r\n')),
  )
  t.equal(await problem(talks), 'that port speaks something else than TLS')
  const silent = await listening(
    t,
    createPlain(() => {}),
  )
  t.match(await problem(silent, NAME, 300), /^the other side took the connection and says nothing to TLS/)
  const hangsUp = await listening(
    t,
    createPlain((socket) => socket.once('data', () => socket.destroy())),
  )
  t.equal(await problem(hangsUp), 'the other side has hung up in the middle')
  const gone = createPlain(() => {})
  const to = await listening(t, gone)
  await new Promise<void>((resolve) => gone.close(() => resolve()))
  t.equal(await problem(to), 'nobody listens there')
})

t.test('SIP over it, by the transport layer: both ways over one connection, and an end that is heard of', async (t) => {
  const { to, sockets } = await provider(t, [NAME])
  const received: string[] = []
  const network = { ...nodeNetwork, connectTls }
  const layer = new TransportLayer({
    ...{ clock: systemClock, network, random: systemRandom, log: silentLog, admits: () => true },
    advertiser: new Advertiser(network, null),
    receive: (message, flow) => received.push(`${message.kind} over ${flow.protocol}`),
  })
  t.teardown(() => layer.close())
  await layer.listen(['127.0.0.1'], 0)
  const flow = await layer.connect('tls', to, null, NAME)
  flow.send(requestBytes('OPTIONS'))
  await until(3_000, 'the request, which comes back as it went', () => received[0])
  t.strictSame(received, ['request over tls'])
  t.equal(await layer.connect('tls', to, null, NAME), flow)
  const closed = new Promise<void>((resolve) => void flow.onClosed(() => resolve()))
  sockets[0]?.end()
  await within(3_000, 'the end', closed)
  t.equal(flow.open, false)
})
