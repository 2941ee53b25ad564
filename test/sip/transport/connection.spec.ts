import t from 'tap'
import { ConnectionFlow } from '../../../src/sip/transport/connection.ts'
import { VirtualClock } from '../../support/virtual/clock.ts'
import { requestBytes } from '../messages.ts'
import { TestConnection } from './testConnection.ts'

function bench() {
  const clock = new VirtualClock()
  const connection = new TestConnection()
  const heard: string[] = []
  const flow = new ConnectionFlow('tcp', connection, connection.local, clock, {
    message: (bytes) => heard.push(Buffer.from(bytes).toString('latin1').slice(0, 7)),
    broken: ({ status, reason }) => heard.push(`broken: ${status} ${reason}`),
  })
  return { clock, connection, heard, flow }
}

const bytes = Buffer.from('hello')
const options = requestBytes('OPTIONS')

t.test('RFC 3261 §18.3: messages come out of the stream, however it is cut', async (t) => {
  const { connection, heard } = bench()
  connection.comes(options.subarray(0, 50))
  t.strictSame(heard, [])
  connection.comes(Buffer.concat([options.subarray(50), options]))
  t.strictSame(heard, ['OPTIONS', 'OPTIONS'])
})

t.test('RFC 5626 §4.4.1: a ping is answered with a pong, and is no message', async (t) => {
  const { connection, heard } = bench()
  connection.comes(Buffer.from('\r\n\r\n'))
  t.strictSame(connection.written, ['\r\n'])
  t.strictSame(heard, [])
})

t.test('what cannot be framed is reported once; then the connection is closed and nothing more is taken', async (t) => {
  const { connection, heard, flow } = bench()
  connection.comes(Buffer.from('OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nContent-Length: x\r\n\r\n'))
  t.strictSame(heard, ['broken: 400 Malformed Content-Length'])
  t.ok(connection.closed)
  t.equal(flow.open, false)
  connection.comes(options)
  t.equal(heard.length, 1)
})

t.test('a connection that brings no message is closed after 64·T1; pings alone do not keep it', async (t) => {
  const { clock, connection } = bench()
  await clock.advance(31_000)
  connection.comes(Buffer.from('\r\n\r\n'))
  connection.comes(options.subarray(0, 20))
  await clock.advance(999)
  t.notOk(connection.closed)
  await clock.advance(1)
  t.ok(connection.closed)
})

t.test('an idle connection is closed three minutes after its last message', async (t) => {
  const { clock, connection } = bench()
  connection.comes(options)
  await clock.advance(100_000)
  connection.comes(options)
  await clock.advance(179_999)
  t.notOk(connection.closed)
  await clock.advance(1)
  t.ok(connection.closed)
})

t.test('a connection that is wanted until some time lives until then', async (t) => {
  const { clock, connection, flow } = bench()
  flow.keepUntil(3_600_000)
  flow.keepUntil(60_000)
  await clock.advance(3_599_999)
  t.notOk(connection.closed)
  await clock.advance(1)
  t.ok(connection.closed)
})

t.test('a connection that is held lives until nobody holds it, and three minutes more', async (t) => {
  const { clock, connection, flow } = bench()
  const one = flow.hold()
  const two = flow.hold()
  await clock.advance(1_000_000)
  one()
  one()
  await clock.advance(1_000_000)
  t.notOk(connection.closed, 'letting go twice counts once')
  two()
  await clock.advance(179_999)
  t.notOk(connection.closed)
  await clock.advance(180_000)
  t.ok(connection.closed)
})

t.test('RFC 5626 §5.4: a peer that promised to say something is dead when it is silent for longer', async (t) => {
  const { clock, connection, flow } = bench()
  flow.keepUntil(3_600_000)
  flow.hold()
  await clock.advance(100_000)
  flow.expectEvery(150_000)
  for (let ping = 0; ping < 5; ping++) {
    t.notOk(connection.closed)
    connection.comes(Buffer.from('\r\n\r\n'))
    await clock.advance(149_999)
  }
  t.notOk(connection.closed)
  await clock.advance(1)
  t.ok(connection.closed)
  connection.ends()
  flow.expectEvery(1)
  t.equal(clock.timers, 0)
})

t.test('a peer that takes nothing any more is given up', async (t) => {
  const { connection, flow } = bench()
  const failures: string[] = []
  connection.pending = 1 << 20
  flow.send(bytes, ({ message }) => failures.push(message))
  t.strictSame(failures, [])
  connection.pending++
  flow.send(bytes, ({ message }) => failures.push(message))
  t.strictSame(failures, ['the peer takes nothing any more'])
  t.ok(connection.closed)
  t.strictSame(connection.written, ['hello'])
})

t.test('nothing is sent over a connection that is closed, or closing', async (t) => {
  const { connection, flow } = bench()
  let failures = 0
  flow.close()
  t.equal(flow.open, false)
  flow.send(bytes, () => failures++)
  flow.send(bytes)
  connection.ends()
  flow.send(bytes, () => failures++)
  t.equal(failures, 2)
  t.strictSame(connection.written, [])
})

t.test('the end is told to all who asked, with its cause, and stops the clock', async (t) => {
  const { clock, connection, flow } = bench()
  const causes: (string | undefined)[] = []
  flow.onClosed((cause) => causes.push(cause?.message))
  flow.onClosed((cause) => causes.push(cause?.message))
  const takeBack = flow.onClosed(() => t.fail('was taken back'))
  takeBack()
  connection.ends(new Error('reset'))
  t.strictSame(causes, ['reset', 'reset'])
  t.equal(flow.open, false)
  t.equal(clock.timers, 0)
})
