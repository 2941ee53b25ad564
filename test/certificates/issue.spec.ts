import { X509Certificate } from 'node:crypto'
import t from 'tap'
import { issue, makeAuthority } from '../../src/certificates/issue.ts'
import { certificateNames } from '../../src/certificates/names.ts'
import { fits, misfit } from '../../src/certificates/pair.ts'
import { seededRandom } from '../support/virtual/random.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const DAY = 24 * 3600 * 1000
const days = ({ validFrom, validTo }: X509Certificate): number => (Date.parse(validTo) - Date.parse(validFrom)) / DAY
const names = certificateNames(['localhost', 'pbx.example.com', '10.0.0.1', 'fd00::2'])

t.test('an authority, and a certificate that it signed', async (t) => {
  const random = seededRandom(7)
  const authority = await makeAuthority('Offhook on test', ['example.com', 'localhost'], NOW, random)
  const pair = await issue(authority, names, NOW, random)
  const root = new X509Certificate(authority.chain)
  const leaf = new X509Certificate(pair.chain)
  t.ok(root.ca)
  t.notOk(leaf.ca)
  t.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey))
  t.match(root.subject, /CN=Offhook on test/)
  t.same(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'serverAuth alone')
  for (const name of ['localhost', 'pbx.example.com']) t.equal(leaf.checkHost(name), name)
  for (const address of ['10.0.0.1', 'fd00::2']) t.equal(leaf.checkIP(address), address)
  t.equal(leaf.checkHost('elsewhere.example'), undefined)
  t.ok(days(leaf) <= 825, `${days(leaf)} days`)
  t.ok(days(root) > 3650)
  t.not(root.serialNumber, leaf.serialNumber)
  t.ok(fits(authority) && fits(pair))
})

t.test('a certificate ends no later than its authority', async (t) => {
  const random = seededRandom(7)
  const authority = await makeAuthority('Offhook on test', ['localhost'], NOW, random)
  const late = new Date(NOW.getTime() + 3600 * DAY)
  const leaf = new X509Certificate((await issue(authority, names, late, random)).chain)
  t.equal(leaf.validTo, new X509Certificate(authority.chain).validTo)
})

t.test('what is no pair says why', async (t) => {
  const random = seededRandom(7)
  const one = await makeAuthority('one', ['localhost'], NOW, random)
  const other = await makeAuthority('other', ['localhost'], NOW, random)
  t.equal(misfit(one), null)
  t.equal(misfit({ chain: one.chain + other.chain, key: one.key }), null, 'a chain')
  t.match(misfit({ chain: one.chain, key: other.key }), 'does not belong to the key')
  t.match(misfit({ chain: '', key: one.key }), 'is no PEM')
  t.match(misfit({ chain: one.chain.slice(0, 200), key: one.key }), 'is no PEM', 'half written')
  t.match(misfit({ chain: one.chain, key: one.key.slice(0, 100) }), 'cannot be read')
  const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  t.match(misfit({ chain: one.chain + garbage, key: one.key }), 'cannot be read', 'a broken one in the chain')
})
