import t from 'tap'
import { contacts, parseVia } from '../../../src/sip/message/fields.ts'
import { parseMessage } from '../../../src/sip/message/parse.ts'
import { sameUri } from '../../../src/sip/message/sameUri.ts'
import { corpusMessage, corpusNames } from '../../support/corpus.ts'
import { requestOf } from './wire.ts'

const messages: readonly (readonly [section: string, name: string, says: string, outcome: 'taken' | number])[] = [
  ['4.1', 'ipv6-good', 'well-formed: an IPv6 reference in the Request-URI', 'taken'],
  ['4.2', 'ipv6-bad', 'an IPv6 address without brackets in the Request-URI: 400', 400],
  ['4.3', 'port-ambiguous', 'well-formed: the number inside the brackets is no port', 'taken'],
  ['4.4', 'port-unambiguous', 'well-formed: the port stands outside the brackets', 'taken'],
  ['4.5', 'via-received-param-with-delim', 'brackets in received are against the grammar, but must be taken', 'taken'],
  ['4.5', 'via-received-param-no-delim', 'well-formed: received without brackets', 'taken'],
  ['4.6', 'ipv6-in-sdp', 'well-formed', 'taken'],
  ['4.7', 'mult-ip-in-header', 'well-formed: IPv4 and IPv6 in one Via set', 'taken'],
  ['4.8', 'mult-ip-in-sdp', 'well-formed', 'taken'],
  ['4.9', 'ipv4-mapped-ipv6', 'well-formed: IPv4-mapped addresses', 'taken'],
  ['4.10', 'ipv6-correct-abnf-2-colons', 'well-formed', 'taken'],
  ['4.10', 'ipv6-bug-abnf-3-colons', 'a third colon, by a mistake in the grammar of RFC 3261: must be taken', 'taken'],
]

const octets = (name: string) => corpusMessage('rfc5118', name)

t.test('RFC 5118: every message has its outcome', async (t) => {
  for (const [section, name, says, outcome] of messages) {
    const message = parseMessage(octets(name), 'datagram')
    t.equal(message.kind === 'malformed' ? message.status : 'taken', outcome, `§${section} ${name}: ${says}`)
  }
  t.strictSame(corpusNames('rfc5118'), messages.map(([, name]) => name).sort(), 'the table is complete')
})

t.test('IPv6 addresses are read without their brackets', async (t) => {
  const good = requestOf(octets('ipv6-good'))
  t.match(good.uri, { host: '2001:db8::10', port: null })
  t.match(good.via, { host: '2001:db8::9:1', port: null })
  t.match(contacts(good.headers), [{ uri: { host: '2001:db8::1' } }])
  t.match(requestOf(octets('port-ambiguous')).uri, { host: '2001:db8::10:5070', port: null })
  t.match(requestOf(octets('port-unambiguous')).uri, { host: '2001:db8::10', port: 5070 })
  t.equal(requestOf(octets('via-received-param-with-delim')).via.received, '2001:db8::9:255')
  t.equal(requestOf(octets('via-received-param-no-delim')).via.received, '2001:db8::9:255')
  const hosts = requestOf(octets('mult-ip-in-header'))
    .headers.list('via')
    .map((via) => parseVia(via)?.host)
  t.strictSame(hosts, ['2001:db8::9:1', '192.0.2.1', '2001:db8::9:255'])
  t.match(requestOf(octets('ipv4-mapped-ipv6')).via, { host: '::ffff:192.0.2.10', port: 19823 })
})

t.test('§4.10: both notations are the same address', async (t) => {
  const two = requestOf(octets('ipv6-correct-abnf-2-colons'))
  const three = requestOf(octets('ipv6-bug-abnf-3-colons'))
  t.match(three.uri, { host: '2001:db8::192.0.2.1', text: 'sip:user@[2001:db8:::192.0.2.1]' })
  t.ok(sameUri(two.uri, three.uri))
})
