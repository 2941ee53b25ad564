import type { PeerCertificate } from 'node:tls'
import t from 'tap'
import { connectionProblem } from '../../src/platform/connectionProblem.ts'
import { parseHosts } from '../../src/platform/hostsFile.ts'
import { identityProblem } from '../../src/platform/peerIdentity.ts'

function proves(subjectaltname: string, name: string): boolean {
  const certificate: Partial<PeerCertificate> = { subjectaltname, subject: nobody }
  return identityProblem(name, { ...blank, ...certificate }) === undefined
}

const nobody = { C: '', ST: '', L: '', O: '', OU: '', CN: 'cn.example.com' }
const blank: PeerCertificate = {
  ...{ ca: false, raw: Buffer.of(), subject: nobody, issuer: nobody, valid_from: '', valid_to: '', serialNumber: '' },
  ...{ fingerprint: '', fingerprint256: '', fingerprint512: '' },
}

t.test('RFC 5922 §7: a SIP URI or a DNS name of the certificate proves a domain', async (t) => {
  t.ok(proves('URI:sip:example.com, DNS:a.example.net', 'Example.com.'))
  t.ok(proves('DNS:a.example.net, URI:sip:example.com', 'a.example.net'))
  t.ok(proves('DNS:*.pstn.example.com', 'acme.pstn.example.com'))
  t.ok(proves('IP Address:192.0.2.1', '192.0.2.1'))
  t.notOk(proves('URI:sip:alice@example.com', 'example.com'), 'a person is no domain')
  t.notOk(proves('URI:sip:example.com.evil.net', 'example.com'))
  t.notOk(proves('URI:https:example.com', 'example.com'))
  t.notOk(proves('DNS:*.example.com', 'a.b.example.com'))
  t.notOk(proves('DNS:a.example.net', 'cn.example.com'), 'the common name counts for nothing beside others')
})

t.test('what went wrong, in words; what we have none for as the system says it', async (t) => {
  const words = (code: string, more = {}) =>
    connectionProblem(Object.assign(new Error('as it says'), { code, ...more }))
  t.equal(words('ECONNREFUSED'), 'nobody listens there')
  t.match(words('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), /nobody that we trust/)
  t.match(words('SELF_SIGNED_CERT_IN_CHAIN'), /nobody that we trust/)
  t.equal(
    words('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: `DNS:a\u001b[2J, DNS:${'b'.repeat(500)}` } })
      .length,
    'its certificate is for another name ()'.length + 120,
  )
  t.notMatch(words('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:a\u001b[2J' } }), /\u001b/)
  t.equal(words('EWHATEVER'), 'as it says')
  t.equal(connectionProblem('x'), 'x')
})

t.test('hosts(5)', async (t) => {
  const file =
    '127.0.0.1 localhost\r\n::1\tlocalhost ip6 # localhost2\n#192.0.2.1 old\nfe80::1%lo0 localhost\n10.0.0.1\n'
  t.strictSame(parseHosts(file, 'LOCALHOST'), ['127.0.0.1', '::1'])
  for (const name of ['localhost2', 'old', '127.0.0.1', '']) t.strictSame(parseHosts(file, name), [], name)
})
