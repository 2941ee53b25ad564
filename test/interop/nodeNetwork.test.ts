import { connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import type { TcpConnection, UdpSocket } from '../../src/platform/network.ts'
import { nodeNetwork } from '../../src/platform/nodeNetwork.ts'
import { within } from '../support/deadline.ts'

const HOST = '127.0.0.1'
const ANY = { address: HOST, port: 0 }
const hello = Buffer.from('hello')

/** A promise and what settles it. */
function pending<T>() {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}

t.test('datagrams, with where they came from', async (t) => {
  const got = pending<string>()
  const a = await nodeNetwork.bindUdp(ANY, () => {})
  const b = await nodeNetwork.bindUdp(ANY, (bytes, { address, port }) => got.settle(`${bytes} from ${address} ${port}`))
  a.send(hello, b.local, (error) => t.fail('refused', { error }))
  t.equal(await got.promise, `hello from ${HOST} ${a.local.port}`)
  await t.rejects(
    nodeNetwork.bindUdp(a.local, () => {}),
    { code: 'EADDRINUSE' },
  )
  await t.rejects(
    nodeNetwork.bindUdp({ address: '192.0.2.1', port: 0 }, () => {}),
    { code: 'EADDRNOTAVAIL' },
  )
  a.close()
  a.close()
  b.close()
  a.send(hello, b.local)
})

t.test('what cannot be sent is told to who asks, and throws at nobody', async (t) => {
  const socket = await nodeNetwork.bindUdp(ANY, () => {})
  t.teardown(() => socket.close())
  const refusal = (socket: UdpSocket, bytes: Uint8Array, to: { address: string; port: number }) =>
    new Promise<string>((resolve) => {
      socket.send(bytes, to)
      socket.send(bytes, to, ({ message }) => resolve(message))
    })
  t.match(await refusal(socket, hello, { address: HOST, port: 0 }), /port 0/)
  t.match(await refusal(socket, hello, { address: '::1', port: 5060 }), /EINVAL/)
  t.match(await refusal(socket, Buffer.alloc(70_000), { address: HOST, port: 5060 }), /EMSGSIZE/)
})

t.test('connections in both directions, ended by either side', async (t) => {
  for (const ender of ['near', 'far'] as const) {
    const accepted = pending<TcpConnection>()
    const listener = await nodeNetwork.listenTcp(ANY, accepted.settle)
    t.teardown(() => listener.close())
    await t.rejects(
      nodeNetwork.listenTcp(listener.local, () => {}),
      { code: 'EADDRINUSE' },
    )
    const near = await nodeNetwork.connectTcp(listener.local, { from: HOST, timeout: 1000 })
    const far = await accepted.promise
    t.strictSame(far.remote, near.local)
    t.strictSame(far.local, listener.local)
    const got = pending<string>()
    far.onData((bytes) => got.settle(String(Buffer.from(bytes))))
    near.onData(() => {})
    const ends = [near, far].map((end) => new Promise<Error | undefined>((resolve) => end.onClosed(resolve)))
    near.write(hello)
    t.equal(await got.promise, 'hello')
    ;({ near, far })[ender].close()
    t.strictSame(await Promise.all(ends), [undefined, undefined])
  }
})

t.test('a connection that nobody takes is refused', async (t) => {
  const listener = await nodeNetwork.listenTcp(ANY, () => {})
  listener.close()
  await t.rejects(nodeNetwork.connectTcp(listener.local, { timeout: 1000 }), { code: 'ECONNREFUSED' })
})

t.test('a peer that resets is an end with a cause', async (t) => {
  const accepted = pending<TcpConnection>()
  const listener = await nodeNetwork.listenTcp(ANY, accepted.settle)
  const socket = connect(listener.local.port, HOST)
  const far = await accepted.promise
  const ended = new Promise<Error | undefined>((resolve) => far.onClosed(resolve))
  far.onData(() => socket.resetAndDestroy())
  socket.write(hello)
  t.match(await ended, { code: 'ECONNRESET' })
  listener.close()
})

t.test('closing does not wait for a peer that goes on talking and never ends its half', async (t) => {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    const talk = setInterval(() => socket.write('x'), 100)
    socket.once('close', () => clearInterval(talk))
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const connection = await nodeNetwork.connectTcp({ address: HOST, port }, { timeout: 1000 })
  connection.onData(() => {})
  const ended = new Promise<void>((resolve) => connection.onClosed(() => resolve()))
  connection.close()
  await within(4000, 'the end of the connection', ended)
  t.equal(sockets.length, 1)
  for (const socket of sockets) socket.destroy()
  server.close()
})

t.test('the addresses of this host', async (t) => {
  const loopback = nodeNetwork.interfaces().find(({ address }) => address === HOST)
  t.match(loopback, { family: 4, cidr: '127.0.0.1/8', loopback: true })
})

t.test('a UDP port that nobody has any more says so, one that is silent does not', async (t) => {
  const heard: string[] = []
  const socket = await nodeNetwork.bindUdp(ANY, (bytes) => heard.push(Buffer.from(bytes).toString()))
  const { local } = socket
  t.equal(await nodeNetwork.refusesUdp(local, { from: HOST, timeout: 200 }), false)
  t.strictSame(heard, ['\r\n\r\n'], 'asked by what a phone ignores')
  socket.close()
  t.equal(await nodeNetwork.refusesUdp(local, { timeout: 5_000 }), true)
})
