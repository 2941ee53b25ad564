import t from 'tap'
import { formatHostPort, ipv4Octets, ipv6Groups, parseHostPort } from '../../../src/sip/message/host.ts'

const parse = (text: string) => parseHostPort(text, 0, text.length)

t.test('hosts and ports', async (t) => {
  t.strictSame(parse('Example.COM'), { host: 'example.com', port: null })
  t.strictSame(parse('192.0.2.1:5060'), { host: '192.0.2.1', port: 5060 })
  t.strictSame(parse('[2001:DB8::1]:65535'), { host: '2001:db8::1', port: 65535 })
  t.strictSame(parse('my_pbx.local.'), { host: 'my_pbx.local.', port: null })
  t.strictSame(parse('h:00005060'), null, 'more digits than a port has')
  for (const text of [
    '',
    ':5060',
    'h:',
    'h:65536',
    'h:-1',
    'h:5060x',
    'a b',
    '[::1',
    '[]',
    '[g::]',
    '[::1]5060',
    '::1',
    'h@i',
  ]) {
    t.equal(parse(text), null, text)
  }
  t.equal(formatHostPort('::1', 5060), '[::1]:5060')
  t.equal(formatHostPort('h', null), 'h')
})

t.test('IPv6 notations, RFC 4291 §2.2', async (t) => {
  t.strictSame(ipv6Groups('2001:db8:0:0:8:800:200c:417a'), [0x2001, 0xdb8, 0, 0, 8, 0x800, 0x200c, 0x417a])
  t.strictSame(ipv6Groups('::'), [0, 0, 0, 0, 0, 0, 0, 0])
  t.strictSame(ipv6Groups('::1'), [0, 0, 0, 0, 0, 0, 0, 1])
  t.strictSame(ipv6Groups('fe80::'), [0xfe80, 0, 0, 0, 0, 0, 0, 0])
  t.strictSame(ipv6Groups('::ffff:192.0.2.1'), [0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201])
  for (const text of [
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '::12345',
    '::192.0.2.256',
    '192.0.2.1::',
    '::1:',
    ':1::',
    '1:2:3:4:5:6:7::8',
    'fe80::1%eth0',
    `${'0'.repeat(44)}::`,
  ]) {
    t.equal(ipv6Groups(text), null, text)
  }
})

t.test('IPv4', async (t) => {
  t.strictSame(ipv4Octets('192.0.2.255'), [192, 0, 2, 255])
  for (const text of ['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.x']) t.equal(ipv4Octets(text), null, text)
})
