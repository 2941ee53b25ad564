import t from 'tap'
import { nameConstraints, permits } from '../../src/certificates/nameConstraints.ts'
import { certificateNames, covers, namesIn } from '../../src/certificates/names.ts'

t.test('hosts are sorted into names and addresses, each once', async (t) => {
  t.same(
    certificateNames(['PBX.example.com.', 'localhost', '::1', '[::1]', '10.0.0.1', '::ffff:10.0.0.1', 'localhost']),
    {
      dns: ['localhost', 'pbx.example.com'],
      addresses: ['10.0.0.1', '::1'],
    },
  )
  t.same(certificateNames(['my_host', 'a..b', '-x', '*.example.com', '']).dns, [], 'what is no host name is left out')
})

t.test('a certificate covers what stands in it', async (t) => {
  const given = namesIn(
    'DNS:localhost, DNS:pbx.example.com, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:2, URI:sip:x',
  )
  t.same(given, { dns: ['localhost', 'pbx.example.com'], addresses: ['10.0.0.1', 'fd00::2'] })
  if (!given) return
  t.ok(covers(given, certificateNames(['10.0.0.1', 'fd00::2'])))
  t.notOk(covers(given, certificateNames(['10.0.0.2'])))
  t.notOk(covers(given, certificateNames(['example.com'])))
  t.equal(namesIn(undefined), null)
})

t.test('an authority speaks for its names and what is below them', async (t) => {
  t.ok(permits(['example.com'], 'example.com'))
  t.ok(permits(['example.com'], 'pbx.example.com'))
  t.notOk(permits(['example.com'], 'myexample.com'))
  t.notOk(permits([], 'example.com'))
})

t.test('RFC 5280 §4.2.1.10: its constraints, octet by octet', async (t) => {
  const anyAddress = `300a8708${'00'.repeat(8)}30228720${'00'.repeat(32)}`
  const hex = (names: readonly string[]): string => Buffer.from(nameConstraints(names)).toString('hex')
  t.equal(hex([]), `3032a030${anyAddress}`)
  t.equal(hex(['ab', 'cd']), `303ea03c300482026162300482026364${anyAddress}`)
  const many = nameConstraints(Array.from({ length: 40 }, (_, n) => `host-${n}.example.com`))
  t.same(many.subarray(0, 2), Buffer.from('3082', 'hex'), 'a length of two octets')
  t.equal(many.length, 4 + ((many[2] ?? 0) << 8) + (many[3] ?? 0))
})
