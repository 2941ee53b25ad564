import t from 'tap'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { bytesOf, malformedOf, options, requestOf, responseOf, wire } from './wire.ts'

t.test('a request', async (t) => {
  const request = requestOf(wire([...options(), 'Content-Type: text/plain', 'Content-Length: 5'], 'hello'))
  t.match(request, {
    method: 'OPTIONS',
    uri: { kind: 'sip', user: 'bob', host: 'example.net' },
    maxForwards: 70,
    via: { host: '192.0.2.1', port: 5062, branch: 'z9hG4bK776', rport: '' },
    from: { displayName: 'Alice', tag: '9fxced76sl' },
    to: { tag: null },
    callId: '3848276298220188511@192.0.2.1',
    cSeq: { number: 1, method: 'OPTIONS' },
  })
  t.equal(Buffer.from(request.body).toString(), 'hello')
})

t.test('a response', async (t) => {
  const [, ...headers] = options()
  const response = responseOf(wire(['SIP/2.0 183 Session  Progress', ...headers]))
  t.match(response, { status: 183, reason: 'Session  Progress', cSeq: { method: 'OPTIONS' } })
  t.match(responseOf(wire(['sip/2.0 200 OK'.toUpperCase(), ...headers])), { status: 200, reason: 'OK' })
  t.match(
    responseOf(wire(['SIP/2.0 200', ...headers])),
    { status: 200, reason: '' },
    'without the space after the status',
  )
})

t.test('what is liberally taken', async (t) => {
  const text = wire(options()).toString()
  t.equal(requestOf(bytesOf(text.replaceAll('\r\n', '\n'))).method, 'OPTIONS', 'bare LF')
  t.equal(requestOf(bytesOf(`\r\n\r\n${text}`)).method, 'OPTIONS', 'empty lines before it, §7.5')
  t.equal(requestOf(bytesOf(text.slice(0, -2))).method, 'OPTIONS', 'a datagram without the last empty line')
  t.equal(
    requestOf(bytesOf(text.replace('SIP/2.0\r', 'sip/2.0\r'))).method,
    'OPTIONS',
    'the version in lower case, §7.1',
  )
  t.equal(
    requestOf(wire([...options(), 'Call-ID: 3848276298220188511@192.0.2.1'])).callId.length,
    29,
    'the same header twice',
  )
})

t.test('folded lines become one, §7.3.1', async (t) => {
  const request = requestOf(wire([...options(), 'Subject: I know\r\n  you are\r\n\tthere', 'X-Empty:\r\n \r\n y']))
  t.equal(request.headers.first('subject'), 'I know you are there')
  t.equal(request.headers.first('x-empty'), 'y')
})

t.test('the body of a datagram, §18.3', async (t) => {
  const body = (length: string | null, octets: string) =>
    Buffer.from(requestOf(wire(options({ 'Content-Length': length }), octets)).body).toString('latin1')
  t.equal(body(null, 'all the rest'), 'all the rest')
  t.equal(body('3', 'abcdef'), 'abc')
  t.equal(body('0', 'abc'), '')
  t.equal(body('6', '\xc3\xa9\0\r\n\xff'), '\xc3\xa9\0\r\n\xff', 'octets, not characters')
  t.match(malformedOf(wire(options({ 'Content-Length': '4' }), 'abc')), { status: 400 })
})

t.test('on a stream Content-Length must be there and fit', async (t) => {
  t.equal(parseMessage(wire(options({ 'Content-Length': '3' }), 'abc'), 'stream').kind, 'request')
  for (const length of [null, '2', '4', 'x']) {
    t.match(malformedOf(wire(options({ 'Content-Length': length }), 'abc'), 'stream'), { status: 400 }, `${length}`)
  }
})

t.test('keepalives', async (t) => {
  for (const text of ['', '\r\n', '\r\n\r\n', '\n', '\0', '\0\0\0\0', '\r\n\0']) {
    t.equal(parseMessage(bytesOf(text), 'datagram').kind, 'keepalive', JSON.stringify(text))
  }
  t.not(parseMessage(bytesOf(' '), 'datagram').kind, 'keepalive')
})

t.test('a header that nothing can be done without', async (t) => {
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const malformed = malformedOf(wire(options({ [name]: null })))
    t.match(malformed, { status: 400, reason: `Missing ${name}`, method: 'OPTIONS', via: { host: '192.0.2.1' } })
    t.ok(malformed.headers?.has('via'))
  }
  t.match(malformedOf(wire(options({ Via: null }))), { status: null, reason: 'Missing Via' }, 'nobody to answer')
  t.equal(requestOf(wire(options({ 'Max-Forwards': null }))).maxForwards, null)
})

t.test('a header whose value is malformed', async (t) => {
  const malformed: readonly (readonly [string, string])[] = [
    ['Via', 'SIP/2.0/UDP'],
    ['Via', 'SIP/2.0/UDP a, b'],
    ['From', '"Alice <sip:a@h>'],
    ['To', '<sip:a@>'],
    ['Call-ID', ''],
    ['Call-ID', 'a b'],
    ['CSeq', '1'],
    ['CSeq', '1 BYE'],
    ['Max-Forwards', '256'],
    ['Max-Forwards', '-1'],
    ['Content-Length', '-1'],
    ['Content-Length', '1000000000000000000'],
    ['Contact', '<sip:a@h'],
    ['Contact', '*, <sip:a@h>'],
    ['Route', 'nonsense'],
    ['Record-Route', '<sip:h>,'],
  ]
  for (const [name, value] of malformed) {
    t.match(malformedOf(wire(options({ [name]: value }))), { status: 400, method: 'OPTIONS' }, `${name}: ${value}`)
  }
})

t.test('a header line that is malformed', async (t) => {
  for (const line of ['no colon', ': no name', 'a b: c', 'a\0: b', 'X: a\rb', 'Ä: b', '"a": b']) {
    const malformed = malformedOf(wire([...options(), line]))
    t.match(malformed, { status: 400 }, JSON.stringify(line))
    t.equal(malformed.headers?.size, 6, 'the others are still read')
  }
  const [first = '', ...headers] = options()
  t.match(malformedOf(wire([first, ' folded', ...headers])), { status: 400 }, 'a folded start line')
  t.match(malformedOf(bytesOf(`${options().join('\r\n')}\r\nX: cut`)), { status: 400 }, 'a line without its end')
})

t.test('headers that may stand once', async (t) => {
  const doubles = ['From: <sip:x@h>', 'f: <sip:x@h>', 'To: <sip:x@h>', 'i: other', 'CSeq: 2 OPTIONS', 'Max-Forwards: 1']
  for (const line of doubles) t.match(malformedOf(wire([...options(), line])), { status: 400 }, line)
  const lengths = ['Content-Length: 1', 'l: 2']
  t.match(malformedOf(wire([...options(), ...lengths], 'abc')), { status: 400, reason: 'More Than One content-length' })
})

t.test('start lines that are malformed', async (t) => {
  const [, ...headers] = options()
  const statuses: readonly (readonly [string, number | null])[] = [
    ['OPTIONS sip:h SIP/3.0', 505],
    ['OPTIONS sip:h SIP/2', 400],
    ['OPTIONS sip:h HTTP/1.1', 400],
    ['OPTIONS sip:h', 400],
    ['OPTIONS  SIP/2.0', 400],
    ['OPTIONS SIP/2.0', 400],
    ['OPTIONS sip:h\tSIP/2.0', 400],
    [`OPTIONS sip:${'a'.repeat(2100)} SIP/2.0`, 414],
    ['OPTIONS', null],
    [' OPTIONS sip:h SIP/2.0', null],
    ['OPT(IONS sip:h SIP/2.0', null],
    ['SIP/2.0 99 Low', null],
    ['SIP/2.0 700 High', null],
    ['SIP/2.0 2000 OK', null],
    ['SIP/2.0 20x OK', null],
    ['SIP/2.0', null],
    ['SIP/2.1 200 OK', null],
    ['SIP/2.0 200 O\rK', null],
  ]
  for (const [line, status] of statuses) t.match(malformedOf(wire([line, ...headers])), { status }, line)
})

t.test('an ACK and a response are never answered', async (t) => {
  const ack = wire(options({ CSeq: '1 ACK', From: null }))
    .toString()
    .replace('OPTIONS', 'ACK')
  t.match(malformedOf(bytesOf(ack)), { status: null, method: 'ACK' })
  const [, ...headers] = options({ From: null })
  t.match(malformedOf(wire(['SIP/2.0 200 OK', ...headers])), { status: null, method: null })
})
