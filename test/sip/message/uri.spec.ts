import t from 'tap'
import { Params } from '../../../src/sip/message/params.ts'
import { escapeUser, parseUri, type SipUri, sipUri, unescapeUser } from '../../../src/sip/message/uri.ts'

function sip(text: string): SipUri {
  const uri = parseUri(text)
  if (uri?.kind === 'sip') return uri
  throw new Error(`not a SIP URI: ${text}`)
}

t.test('the parts of a SIP URI, RFC 3261 §19.1.1', async (t) => {
  const uri = sip('sips:al%69ce:s3cret@Atlanta.COM:5061;transport=TCP;lr?Subject=a%20b&Priority=urgent')
  t.match(uri, { scheme: 'sips', user: 'al%69ce', password: 's3cret', host: 'atlanta.com', port: 5061 })
  t.equal(uri.params.get('transport'), 'TCP')
  t.equal(uri.params.get('lr'), '')
  t.strictSame(uri.headers, [
    ['Subject', 'a%20b'],
    ['Priority', 'urgent'],
  ])
  t.equal(uri.text, 'sips:al%69ce:s3cret@Atlanta.COM:5061;transport=TCP;lr?Subject=a%20b&Priority=urgent')
})

t.test('examples that phones write', async (t) => {
  t.match(sip('sip:192.0.2.1'), { user: null, password: null, host: '192.0.2.1', port: null, headers: [] })
  t.match(sip('SIP:bob@[2001:DB8::1]:5060'), { scheme: 'sip', user: 'bob', host: '2001:db8::1', port: 5060 })
  t.match(sip('sip:+15551234567;ext=7@gw.example.com;user=phone'), { user: '+15551234567;ext=7' })
  t.match(sip('sip:*43@h'), { user: '*43' })
  t.match(sip('sip:#31#100@h'), { user: '#31#100' })
  t.match(sip('sip:bob:@h'), { user: 'bob', password: '' })
  t.match(sip('sip:bob@h:0'), { port: 0 })
  t.match(sip('sip:h?a=&b=1'), {
    headers: [
      ['a', ''],
      ['b', '1'],
    ],
  })
  t.equal(sip('sip:h;%6Cr').params.get('lr'), '', 'an escaped name')
})

t.test('tel and other schemes', async (t) => {
  const tel = parseUri('tel:+1-555-123(4567);phone-context=example.com')
  t.match(tel, { kind: 'tel', number: '+1-555-123(4567)' })
  t.equal(tel?.kind === 'tel' && tel.params.get('phone-context'), 'example.com')
  t.match(parseUri('TEL:*43#;phone-context=h'), { kind: 'tel', number: '*43#' })
  t.match(parseUri('urn:service:sos'), { kind: 'other', scheme: 'urn', text: 'urn:service:sos' })
  t.match(parseUri('HTTP://example.com/a?b'), { kind: 'other', scheme: 'http' })
})

t.test('malformed', async (t) => {
  const malformed = [
    ...[
      '',
      ':',
      'sip',
      'sip:',
      'sip:@h',
      'sip:a@',
      'sip:a b@h',
      ' sip:a@h',
      'sip:a@h ',
      '<sip:a@h>',
      'sip:a@h;',
      'sip:a@h;;x',
    ],
    ...[
      'sip:a@h;=x',
      'sip:a@h;x=',
      'sip:a@h; lr',
      'sip:a@h?',
      'sip:a@h?x',
      'sip:a@h?=x',
      'sip:a%4@h',
      'sip:a%zz@h',
      'sip:a@h;x=%',
    ],
    ...[
      'sip:a@b@c',
      'sip:a@h:x',
      'sip:a@h:65536',
      'sip:a@[::1',
      'sip:a@::1',
      'sip:a"b@h',
      'sip:a<b@h',
      'sip:a\0@h',
      'sip:\xe4@h',
    ],
    ...[
      'sip:a@h\r\nVia: x',
      'tel:',
      'tel:+',
      'tel:-',
      'tel:12 3',
      'tel:xyz',
      'tel:1;',
      'tel:+12#',
      '1a:b',
      'urn:',
      'urn:a b',
      'urn:<a>',
    ],
  ]
  for (const text of malformed) t.equal(parseUri(text), null, JSON.stringify(text))
  t.equal(parseUri(`sip:${'a'.repeat(2048)}@h`), null, 'too long')
  t.equal(parseUri(`sip:h${';a'.repeat(65)}`), null, 'too many parameters')
  t.equal(parseUri(`sip:h?a=1${'&a=1'.repeat(64)}`), null, 'too many headers')
})

t.test('user parts are unescaped to octets and back, §19.1.2', async (t) => {
  t.equal(unescapeUser('%2A43'), '*43')
  t.equal(unescapeUser('plain'), 'plain')
  t.equal(unescapeUser('null-%00-null'), 'null-\0-null')
  t.equal(unescapeUser('%C3%a9'), '\xc3\xa9')
  t.equal(unescapeUser('%2541'), '%41', 'once only')
  for (const text of ['%', 'a%4', '%4g', '%%41']) t.equal(unescapeUser(text), null, text)
  t.equal(escapeUser('a b@c:d;e#%\xff\0'), 'a%20b%40c%3Ad%3Be%23%25%FF%00')
  t.equal(escapeUser("*43+-_.!~'()&=$,?/"), "*43+-_.!~'()&=$,?/")
  for (let octet = 0; octet < 256; octet++) {
    const user = `u${String.fromCharCode(octet)}`
    t.equal(unescapeUser(sip(`sip:${escapeUser(user)}@h`).user ?? ''), user)
  }
})

t.test('URIs of our own', async (t) => {
  t.equal(sipUri({ host: 'example.com' }).text, 'sip:example.com')
  const params = Params.of({ transport: 'tcp', lr: '' })
  const uri = sipUri({ scheme: 'sips', user: '101', host: '2001:db8::1', port: 5061, params, headers: [['a', 'b']] })
  t.equal(uri.text, 'sips:101@[2001:db8::1]:5061;transport=tcp;lr?a=b')
  t.match(uri, { user: '101', host: '2001:db8::1', port: 5061 })
  for (const user of ['a b', 'a@b', 'a\r\nb', ''])
    t.throws(() => sipUri({ user, host: 'h' }), TypeError, JSON.stringify(user))
  t.throws(() => sipUri({ host: 'a b' }), TypeError)
})
