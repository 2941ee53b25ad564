import t from 'tap'
import { parseParams } from '../../../src/sip/message/params.ts'
import { parseUri, type Uri } from '../../../src/sip/message/uri.ts'
import { Gruus } from '../../../src/sip/registrar/gruus.ts'
import { seededRandom } from '../../support/virtual/random.ts'
import { binding } from './phone.ts'

const secret = (octet: number) => new Uint8Array(32).fill(octet)
const phone = binding({ instance: 'urn:uuid:1', gruuEpoch: 'epoch' })

function gruusOf(text: string): { pub: Uri; temp: Uri } {
  const params = parseParams(text, 0)
  const [pub, temp] = ['pub-gruu', 'temp-gruu'].map((key) => parseUri(params?.get(key) ?? ''))
  if (!pub || !temp) throw new Error(`no GRUUs in ${text}`)
  return { pub, temp }
}

t.test('RFC 5627 §5.1: what is given out is known again, in another start as well', async (t) => {
  const { pub, temp } = gruusOf(new Gruus(secret(1), seededRandom(1)).params(phone))
  const later = new Gruus(secret(1), seededRandom(2))
  for (const uri of [pub, temp]) {
    const target = later.target(uri)
    if (target === null || target === 'unknown') return t.fail(uri.text)
    t.equal(target.user, '101')
    t.ok(target.names(phone))
    t.notOk(target.names(binding({ instance: 'urn:uuid:2', gruuEpoch: 'other' })))
    t.notOk(target.names(binding()))
  }
  t.equal(gruusOf(later.params(phone)).pub.text, pub.text)
  t.not(gruusOf(later.params(phone)).temp.text, temp.text)
})

t.test('with another secret they lead nowhere', async (t) => {
  const { pub, temp } = gruusOf(new Gruus(secret(1), seededRandom(1)).params(phone))
  const other = new Gruus(secret(2), seededRandom(1))
  t.equal(other.target(temp), 'unknown')
  const target = other.target(pub)
  t.notOk(target !== null && target !== 'unknown' && target.names(phone))
})

t.test('users that need escapes, and hosts that need brackets', async (t) => {
  const gruus = new Gruus(secret(1), seededRandom(1))
  const odd = binding({ user: "o'neil#;\xe9", domain: '2001:db8::1', instance: 'urn:uuid:1', gruuEpoch: 'e' })
  for (const uri of Object.values(gruusOf(gruus.params(odd)))) {
    t.match(uri, { host: '2001:db8::1' })
    t.match(gruus.target(uri), { user: odd.user })
  }
})

t.test('a phone without an instance has none, and other URIs are none', async (t) => {
  const gruus = new Gruus(secret(1), seededRandom(1))
  t.equal(gruus.params(binding()), '')
  for (const text of ['sip:101@10.0.0.1', 'tel:101;gr', 'sip:10.0.0.1;grr=1']) {
    const uri = parseUri(text)
    t.equal(uri && gruus.target(uri), null, text)
  }
  for (const text of ['sip:10.0.0.1;gr', 'sip:10.0.0.1;gr=1', 'sip:tgruu.@10.0.0.1;gr', 'sip:tgruu.%00@h;gr']) {
    const uri = parseUri(text)
    t.equal(uri && gruus.target(uri), 'unknown', text)
  }
})
