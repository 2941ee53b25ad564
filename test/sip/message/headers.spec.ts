import t from 'tap'
import { Headers } from '../../../src/sip/message/headers.ts'

t.test('fields are found by their long name, in any spelling', async (t) => {
  const headers = Headers.of([
    ['v', 'SIP/2.0/UDP a'],
    ['VIA', 'SIP/2.0/UDP b'],
    ['cAlL-iD', '1'],
    ['X-Unknown', 'x'],
  ])
  t.equal(headers.first('via'), 'SIP/2.0/UDP a')
  t.strictSame(headers.all('via'), ['SIP/2.0/UDP a', 'SIP/2.0/UDP b'])
  t.equal(headers.first('call-id'), '1')
  t.equal(headers.first('x-unknown'), 'x')
  t.equal(headers.first('contact'), null)
  t.ok(headers.has('x-unknown'))
  t.notOk(headers.has('x'))
  t.equal(headers.size, 4)
})

t.test('every compact form of the registry', async (t) => {
  const forms = {
    a: 'accept-contact',
    b: 'referred-by',
    c: 'content-type',
    d: 'request-disposition',
    e: 'content-encoding',
    f: 'from',
    i: 'call-id',
    j: 'reject-contact',
    k: 'supported',
    l: 'content-length',
    m: 'contact',
    o: 'event',
    r: 'refer-to',
    s: 'subject',
    t: 'to',
    u: 'allow-events',
    v: 'via',
    x: 'session-expires',
    y: 'identity',
  }
  for (const [form, key] of Object.entries(forms)) {
    t.equal(Headers.of([[form, 'value']]).first(key), 'value', key)
    t.equal(Headers.of([[form.toUpperCase(), 'value']]).first(key), 'value', key)
  }
})

t.test('lists are split at commas that separate', async (t) => {
  const headers = Headers.of([
    ['Contact', '"Doe, Jane" <sip:a,b@h>, <sip:c@h>;x="1,2" ,sip:d@h'],
    ['Contact', '<sip:e@h>'],
    ['Supported', ''],
    ['Supported', 'path, , outbound'],
    ['Route', '<sip:a, "b" <c'],
    ['Record-Route', '"never closed, <sip:a>'],
    ['WWW-Authenticate', 'Digest realm="a", nonce="b"'],
    ['Proxy-Authorization', 'Digest username="a", realm="b"'],
    ['Subject', 'one, two'],
  ])
  t.strictSame(headers.list('contact'), ['"Doe, Jane" <sip:a,b@h>', '<sip:c@h>;x="1,2"', 'sip:d@h', '<sip:e@h>'])
  t.strictSame(headers.list('supported'), ['path', '', 'outbound'])
  t.strictSame(headers.list('route'), ['<sip:a, "b" <c'])
  t.strictSame(headers.list('record-route'), ['"never closed, <sip:a>'])
  t.strictSame(headers.list('www-authenticate'), ['Digest realm="a", nonce="b"'])
  t.strictSame(headers.list('proxy-authorization'), ['Digest username="a", realm="b"'])
  t.strictSame(headers.list('subject'), ['one, two'])
  t.strictSame(headers.list('allow'), [])
})

t.test('changes', async (t) => {
  const headers = Headers.of([
    ['Via', '1'],
    ['To', 'x'],
    ['Via', '2'],
  ])
  const copy = headers.clone()
  const lines = (h: Headers) => [...h].map(({ name, value }) => `${name}: ${value}`)
  headers.prepend('Via', '0').append('Subject', ' padded ')
  t.strictSame(lines(headers), ['Via: 0', 'Via: 1', 'To: x', 'Via: 2', 'Subject: padded'])
  headers.replaceFirst('via', 'new')
  t.strictSame(headers.all('via'), ['new', '1', '2'])
  headers.set('to', 'y').set('Max-Forwards', '70').set('Via', 'only')
  t.strictSame(lines(headers), ['Via: only', 'to: y', 'Subject: padded', 'Max-Forwards: 70'])
  headers.remove('via').remove('none')
  t.strictSame(lines(headers), ['to: y', 'Subject: padded', 'Max-Forwards: 70'])
  t.strictSame(lines(new Headers().copy(copy, 'via')), ['Via: 1', 'Via: 2'])
  t.strictSame(lines(copy), ['Via: 1', 'To: x', 'Via: 2'], 'a clone stays as it was')
  t.throws(() => headers.replaceFirst('Via', 'x'), TypeError)
})

t.test('our own values cannot break out of their line', async (t) => {
  const headers = new Headers()
  for (const value of ['a\r\nVia: b', 'a\nb', 'a\rb', 'a\u010db', 'a\u010ab', 'Zoë大']) {
    t.throws(() => headers.append('Subject', value), TypeError, JSON.stringify(value))
    t.throws(() => headers.set('Subject', value), TypeError)
    t.throws(() => headers.prepend('Subject', value), TypeError)
  }
  for (const name of ['', 'A B', 'A:', 'A\r\nB', 'Ä']) t.throws(() => headers.append(name, 'x'), TypeError, name)
  t.doesNotThrow(() => headers.append('Subject', 'NUL \0 and \xff are octets like others'))
  t.equal(headers.size, 1)
})

t.test('names like those of Object.prototype are names like all others', async (t) => {
  const headers = Headers.of([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  t.equal(headers.first('__proto__'), 'a')
  t.equal(headers.first('constructor'), 'b')
  t.equal(headers.first('tostring'), null)
  t.equal(Object.getPrototypeOf(headers), Headers.prototype)
})
