import t from 'tap'
import { answerMalformed, createRequest, createResponse, receivedFrom } from '../../../src/sip/message/create.ts'
import { Headers } from '../../../src/sip/message/headers.ts'
import { reasonPhrase } from '../../../src/sip/message/reasonPhrase.ts'
import { sipUri } from '../../../src/sip/message/uri.ts'
import { writeMessage } from '../../../src/sip/message/write.ts'
import { bytesOf, malformedOf, options, requestOf, responseOf, wire } from './wire.ts'

const invite = requestOf(
  wire([
    'INVITE sip:bob@example.net SIP/2.0',
    'v: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2',
    'Record-Route: <sip:p1;lr>',
    'f: <sip:alice@example.com>;tag=1',
    'To: sip:bob@example.net',
    'i: 42',
    'CSeq: 1 INVITE',
    'Via: SIP/2.0/UDP c;branch=z9hG4bK3',
    'Record-Route: <sip:p2;lr>',
    'Timestamp: 54',
    'Contact: <sip:alice@a>',
    'Subject: not copied',
  ]),
)

t.test('a response copies what §8.2.6.2 says, in order', async (t) => {
  const text = Buffer.from(writeMessage(createResponse(invite, 404, { toTag: 'x' }))).toString()
  t.strictSame(text.split('\r\n'), [
    'SIP/2.0 404 Not Found',
    'v: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2',
    'f: <sip:alice@example.com>;tag=1',
    'To: sip:bob@example.net;tag=x',
    'i: 42',
    'CSeq: 1 INVITE',
    'Via: SIP/2.0/UDP c;branch=z9hG4bK3',
    'Timestamp: 54',
    'Content-Length: 0',
    '',
    '',
  ])
})

t.test('Record-Route is copied where a dialog may come of it, §12.1.1', async (t) => {
  const copied = (status: number) => createResponse(invite, status).headers.list('record-route')
  for (const status of [180, 183, 200]) t.strictSame(copied(status), ['<sip:p1;lr>', '<sip:p2;lr>'], `${status}`)
  for (const status of [100, 302, 486]) t.strictSame(copied(status), [], `${status}`)
})

t.test('the To tag is added only where there is none', async (t) => {
  t.equal(createResponse(invite, 100).to.tag, null)
  t.equal(createResponse(invite, 200, { toTag: 'x' }).to.tag, 'x')
  const inDialog = requestOf(wire(options({ To: '<sip:bob@example.net>;tag=old' })))
  t.equal(createResponse(inDialog, 200, { toTag: 'x' }).to.tag, 'old')
})

t.test('reason, headers and body', async (t) => {
  const headers = Headers.of([['Content-Type', 'text/plain']])
  const response = createResponse(invite, 200, { reason: 'Fine', headers, body: bytesOf('hé') })
  const read = responseOf(writeMessage(response))
  t.match(read, { status: 200, reason: 'Fine', via: { host: 'a' }, callId: '42' })
  t.equal(read.headers.first('content-length'), '2')
  t.match(response, { via: { host: 'a' }, from: { tag: '1' }, callId: '42', cSeq: { number: 1, method: 'INVITE' } })
})

t.test('reason phrases', async (t) => {
  t.equal(reasonPhrase(486), 'Busy Here')
  t.equal(reasonPhrase(499), 'Request Failure')
  t.equal(createResponse(invite, 299).reason, 'OK')
})

t.test('a request of our own reads its headers when asked', async (t) => {
  const uri = sipUri({ user: 'bob', host: 'h' })
  const headers = Headers.of([
    ['Via', 'SIP/2.0/UDP a;branch=1'],
    ['From', '<sip:a@h>;tag=1'],
    ['To', '<sip:b@h>'],
    ['Call-ID', 'x'],
    ['CSeq', '7 BYE'],
    ['Max-Forwards', '70'],
  ])
  const request = createRequest({ method: 'BYE', uri, headers })
  t.match(request, {
    via: { host: 'a' },
    from: { tag: '1' },
    to: { tag: null },
    callId: 'x',
    cSeq: { number: 7 },
    maxForwards: 70,
  })
  t.equal(requestOf(writeMessage(request)).cSeq.method, 'BYE')
  const empty = createRequest({ method: 'BYE', uri, headers: new Headers() })
  t.throws(() => empty.via, TypeError)
  t.throws(() => empty.cSeq, TypeError)
  t.equal(empty.maxForwards, null)
})

t.test('a request is stamped with its source', async (t) => {
  const stamped = receivedFrom(invite, { address: '192.0.2.7', port: 4000 })
  t.equal(stamped.via.received, '192.0.2.7')
  t.strictSame(stamped.headers.list('via'), [
    'SIP/2.0/UDP a;branch=z9hG4bK1;received=192.0.2.7',
    'SIP/2.0/UDP b;branch=z9hG4bK2',
    'SIP/2.0/UDP c;branch=z9hG4bK3',
  ])
  t.equal(invite.via.received, null, 'the request itself stays as it came')
  t.equal(invite.headers.first('via'), 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2')
  t.equal(responseOf(writeMessage(createResponse(stamped, 200))).via.received, '192.0.2.7')
})

t.test('the answer to a malformed request has what could be read', async (t) => {
  const answer = (bytes: Uint8Array) => {
    const message = answerMalformed(malformedOf(bytes), { address: '10.0.0.7', port: 4000 }, 'x')
    return message && Buffer.from(writeMessage(message)).toString().split('\r\n')
  }
  t.strictSame(answer(wire(options({ CSeq: '1 BYE' }))), [
    'SIP/2.0 400 CSeq Is of Another Method',
    'Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK776;rport=4000;received=10.0.0.7',
    'From: "Alice" <sip:alice@example.com>;tag=9fxced76sl',
    'To: <sip:bob@example.net>;tag=x',
    'Call-ID: 3848276298220188511@192.0.2.1',
    'CSeq: 1 BYE',
    'Content-Length: 0',
    '',
    '',
  ])
  t.ok(answer(wire(options({ To: '"Bob <sip:b@h>' })))?.includes('To: "Bob <sip:b@h>'), 'no tag on what can’t be read')
  t.equal(answer(wire(options({ Via: null }))), null)
})
