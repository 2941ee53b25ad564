import t from 'tap'
import { Headers } from '../../../src/sip/message/headers.ts'
import type { SipRequest } from '../../../src/sip/message/message.ts'
import { sipUri } from '../../../src/sip/message/uri.ts'
import { messageOctets, writeMessage } from '../../../src/sip/message/write.ts'
import { bytesOf, options, requestOf, wire } from './wire.ts'

const uri = sipUri({ user: 'bob', host: 'h' })
const written = (message: Parameters<typeof writeMessage>[0]) => Buffer.from(writeMessage(message)).toString('latin1')

t.test('what came is written back octet by octet', async (t) => {
  const lines = [...options(), 'X-Odd: \xff \0 ;;,"', '__proto__: x', 's:', 'l: 3']
  t.strictSame(
    writeMessage(requestOf(wire(lines, '\xe9\r\n'))).toString(),
    wire(lines.with(-2, 's: '), '\xe9\r\n').toString(),
  )
})

t.test('the octets of a message are counted without writing it', async (t) => {
  for (const lines of [options(), [...options(), 'l: 3'], [...options(), 'X-Odd: \xff \0 ;;,"', 's:']]) {
    for (const body of ['', 'v=0', 'x'.repeat(1234)]) {
      const message = requestOf(
        wire(lines.with(-1, lines.at(-1) === 'l: 3' ? `l: ${body.length}` : (lines.at(-1) ?? '')), body),
      )
      const exact = writeMessage(message).length
      t.ok(Math.abs(messageOctets(message) - exact) <= 'Content-Length'.length, `${exact}`)
    }
  }
})

t.test('Content-Length is always right', async (t) => {
  const message = (headers: Headers, body = bytesOf('h\xe9')) =>
    written({ kind: 'response', status: 200, reason: 'OK', headers, body })
  t.equal(message(new Headers()), 'SIP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nh\xe9')
  t.equal(
    message(
      Headers.of([
        ['l', '99'],
        ['X', 'y'],
        ['Content-Length', '7'],
      ]),
    ),
    'SIP/2.0 200 OK\r\nl: 2\r\nX: y\r\n\r\nh\xe9',
  )
  t.equal(message(new Headers(), new Uint8Array()), 'SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n')
})

t.test('our own start line cannot break the message', async (t) => {
  const headers = new Headers()
  const body = new Uint8Array()
  for (const reason of ['OK\r\nVia: x', 'OK\n', 'Ċ']) {
    t.throws(
      () => writeMessage({ kind: 'response', status: 200, reason, headers, body }),
      TypeError,
      JSON.stringify(reason),
    )
  }
  const request: Pick<SipRequest, 'kind' | 'method' | 'uri' | 'headers' | 'body'> = {
    kind: 'request',
    method: 'A',
    uri,
    headers,
    body,
  }
  t.equal(written(request), 'A sip:bob@h SIP/2.0\r\nContent-Length: 0\r\n\r\n')
  for (const method of ['', 'A B', 'A\r\n'])
    t.throws(() => writeMessage({ ...request, method }), TypeError, JSON.stringify(method))
  for (const text of ['sip:a b', 'sip:a\r\n'])
    t.throws(() => writeMessage({ ...request, uri: { ...uri, text } }), TypeError)
})
