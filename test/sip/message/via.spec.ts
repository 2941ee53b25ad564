import t from 'tap'
import { Headers } from '../../../src/sip/message/headers.ts'
import { Params } from '../../../src/sip/message/params.ts'
import { formatVia, parseVia, stampVia, topVia, type Via } from '../../../src/sip/message/via.ts'

function via(text: string): Via {
  const parsed = parseVia(text)
  if (parsed === null) throw new Error(`not a Via: ${text}`)
  return parsed
}

t.test('the parts of a Via', async (t) => {
  t.match(
    via('SIP/2.0/udp Erlang.Bell-Telephone.com:5060;branch=z9hG4bK87asdks7;received=192.0.2.207;rport=1234;ttl=1'),
    {
      protocol: 'SIP/2.0',
      transport: 'UDP',
      host: 'erlang.bell-telephone.com',
      port: 5060,
      branch: 'z9hG4bK87asdks7',
      received: '192.0.2.207',
      rport: 1234,
    },
  )
  t.match(via('SIP/2.0/TLS [2001:db8::1]'), {
    host: '2001:db8::1',
    port: null,
    branch: null,
    received: null,
    rport: null,
  })
  t.equal(via('SIP/2.0/WSS df7jal23ls0d.invalid;branch=1;rport').rport, '')
  t.equal(via('HTTP/1.1/TCP h').protocol, 'HTTP/1.1')
  t.match(
    via('SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;branch = z9hG4bKa7c6a8dlze.1'),
    {
      protocol: 'SIP/2.0',
      host: 'first.example.com',
      port: 4000,
      branch: 'z9hG4bKa7c6a8dlze.1',
    },
    'the example of §20.42',
  )
})

t.test('malformed', async (t) => {
  const malformed = [
    ...[
      '',
      'SIP/2.0/UDP',
      'SIP/2.0/UDP ',
      'SIP/2.0 h',
      'SIP/2.0/ h',
      '/2.0/UDP h',
      'SIP//UDP h',
      'SIP/2.0/UDPh',
      'SIP/2.0/UDP/x h',
    ],
    ...[
      'SIP/2.0/UDP h;',
      'SIP/2.0/UDP h;;branch=1',
      'SIP/2.0/UDP h:',
      'SIP/2.0/UDP h:70000',
      'SIP/2.0/UDP h i',
      'SIP/2.0/UDP ::1',
    ],
    ...[
      'SIP/2.0/UDP h;rport=x',
      'SIP/2.0/UDP h;rport=65536',
      'SIP/2.0/UDP h;rport=-1',
      'SIP/2.0/UDP ;branch=1',
      'SIP/2.0/UDP h, i',
    ],
  ]
  for (const text of malformed) t.equal(parseVia(text), null, text)
})

t.test('the topmost of several', async (t) => {
  t.equal(
    topVia(
      Headers.of([
        ['Via', 'SIP/2.0/UDP a, SIP/2.0/UDP b'],
        ['Via', 'SIP/2.0/UDP c'],
      ]),
    )?.host,
    'a',
  )
  t.equal(topVia(Headers.of([['v', 'SIP/2.0/UDP c']]))?.host, 'c')
  t.equal(topVia(new Headers()), null)
  t.equal(topVia(Headers.of([['Via', 'nonsense']])), null)
})

t.test('stamped with the source, RFC 3261 §18.2.1 and RFC 3581 §4', async (t) => {
  const source = { address: '2001:db8::7', port: 4000 }
  const stamped = stampVia(via('SIP/2.0/UDP 10.0.0.1:5062;rport;branch=z9hG4bK1;x="y"'), source)
  t.match(stamped, { received: '2001:db8::7', rport: 4000, branch: 'z9hG4bK1' })
  t.equal(stamped.text, 'SIP/2.0/UDP 10.0.0.1:5062;rport=4000;branch=z9hG4bK1;x="y";received=2001:db8::7')
  t.match(via(stamped.text), { received: '2001:db8::7', rport: 4000 }, 'and can be read again')
  const plain = stampVia(via('SIP/2.0/TCP h;branch=1'), source)
  t.equal(plain.text, 'SIP/2.0/TCP h;branch=1;received=2001:db8::7', 'no rport where none was asked for')
  const forged = stampVia(via('SIP/2.0/UDP h;received=192.0.2.9;rport=99;branch=1'), {
    address: '192.0.2.1',
    port: 5060,
  })
  t.equal(forged.text, 'SIP/2.0/UDP h;received=192.0.2.1;rport=5060;branch=1')
})

t.test('a Via of our own', async (t) => {
  const text = formatVia({
    transport: 'UDP',
    host: '2001:db8::1',
    port: 5060,
    branch: 'z9hG4bK1',
    params: Params.of({ rport: '' }),
  })
  t.equal(text, 'SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;rport')
  t.equal(formatVia({ transport: 'TCP', host: 'h', port: null, branch: 'x' }), 'SIP/2.0/TCP h;branch=x')
})
