import t from 'tap'
import { Headers } from '../../../src/sip/message/headers.ts'
import {
  contacts,
  formatNameAddr,
  type NameAddr,
  parseContacts,
  parseNameAddr,
  routes,
} from '../../../src/sip/message/nameAddr.ts'
import { Params } from '../../../src/sip/message/params.ts'

function address(text: string): NameAddr {
  const parsed = parseNameAddr(text)
  if (parsed === null) throw new Error(`not an address: ${text}`)
  return parsed
}

t.test('name-addr and addr-spec, RFC 3261 §20.10', async (t) => {
  t.match(address('"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s'), {
    displayName: 'A. G. Bell',
    uri: { text: 'sip:agb@bell-telephone.com' },
    tag: 'a48s',
  })
  t.match(address('sip:+12125551212@server.phone2net.com;tag=887s'), {
    displayName: null,
    uri: { params: { size: 0 } },
    tag: '887s',
  })
  t.match(address('Anonymous <sip:c8oqz84zk7z@privacy.org>;TAG=hyh8'), { displayName: 'Anonymous', tag: 'hyh8' })
  t.match(address('<sip:a@h;tag=no>'), { displayName: null, tag: null }, 'a parameter inside the brackets is the URI’s')
  t.match(address('Lee M. Foote<sips:lee.foote@example.com>'), { displayName: 'Lee M. Foote' })
  t.match(address('"a \\"b\\" \\\\ <sip:x@y>" <sip:a@h>'), {
    displayName: 'a "b" \\ <sip:x@y>',
    uri: { text: 'sip:a@h' },
  })
  t.match(address('"" <sip:a@h>'), { displayName: null })
  t.match(address('tel:+1555'), { uri: { kind: 'tel' } })
  t.match(address('<mailto:watson@bell-telephone.com>'), { uri: { kind: 'other' } })
  t.match(address('Bell, Alexander <sip:a@h>'), { displayName: 'Bell, Alexander' }, 'RFC 4475 §3.1.2.15')
  t.match(address('J\xc3\xb6rg <sip:a@h>'), { displayName: 'J\xc3\xb6rg' })
  const instance = '<sip:a@h>;q=0.7;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"'
  t.equal(address(instance).params.get('+sip.instance'), '<urn:uuid:00000000-0000-1000-8000-000A95A0E128>')
  t.equal(address(instance).text, instance)
  t.match(address('sip:a@h;+sip.instance="<urn:x>"').uri, { text: 'sip:a@h' }, 'a bracket in a parameter is none')
})

t.test('malformed', async (t) => {
  const malformed = [
    ...[
      '',
      ' ',
      'Bob',
      '<>',
      '<sip:a@h',
      'sip:a@h>',
      '"Bob <sip:a@h>',
      '"Bob" sip:a@h',
      '"Bob" x <sip:a@h>',
      '< sip:a@h>',
      '<sip:a@h >',
    ],
    ...[
      '<sip:a@h>;',
      '<sip:a@h>;;tag=1',
      '<sip:a@h> x',
      '<sip:a@h>tag=1',
      'sip:a@h?x=y',
      'sip:a,b@h',
      'sip:a@h x',
      '<sip:a@h>,<sip:b@h>',
      '*',
    ],
  ]
  for (const text of malformed) t.equal(parseNameAddr(text), null, text)
})

t.test('Contact sets', async (t) => {
  const of = (...values: string[]) => parseContacts(Headers.of(values.map((value) => ['Contact', value])))
  t.match(of('<sip:a@h>, sip:b@h', '"C, D" <sip:c@h>'), [
    { uri: { user: 'a' } },
    { uri: { user: 'b' } },
    { uri: { user: 'c' } },
  ])
  t.equal(of('*'), '*')
  t.strictSame(of(), [])
  for (const values of [
    ['*', '<sip:a@h>'],
    ['<sip:a@h>', '*'],
    ['*, <sip:a@h>'],
    ['*;expires=0'],
    ['<sip:a@h>,'],
    [',<sip:a@h>'],
    ['<sip:a@h>,,<sip:b@h>'],
  ]) {
    t.equal(of(...values), null, values.join(' | '))
  }
  t.not(of(Array(64).fill('<sip:a@h>').join()), null)
  t.equal(of(Array(65).fill('<sip:a@h>').join()), null, 'too many')
})

t.test('readers for messages that were checked', async (t) => {
  const headers = Headers.of([
    ['Contact', '<sip:a@h>'],
    ['Record-Route', '<sip:p1;lr>, <sip:p2;lr>'],
    ['Record-Route', '<sip:p3;lr>'],
  ])
  t.match(contacts(headers), [{ uri: { user: 'a' } }])
  t.strictSame(
    routes(headers, 'record-route').map(({ text }) => text),
    ['<sip:p1;lr>', '<sip:p2;lr>', '<sip:p3;lr>'],
  )
  t.strictSame(routes(headers, 'route'), [])
  t.throws(() => contacts(Headers.of([['Contact', '<']])), TypeError, 'what we wrote ourselves must be right')
})

t.test('written so that any display name survives', async (t) => {
  const { uri } = address('<sip:a@h;lr>')
  t.equal(formatNameAddr({ uri }), '<sip:a@h;lr>')
  t.equal(formatNameAddr({ displayName: 'Bob', uri, params: Params.of({ tag: '1' }) }), '"Bob" <sip:a@h;lr>;tag=1')
  for (const displayName of ['a"b', 'back\\', '<sip:evil@h>', 'a, b', 'Zo\xc3\xab']) {
    t.equal(parseNameAddr(formatNameAddr({ displayName, uri }))?.displayName, displayName, displayName)
  }
})
