import t from 'tap'
import { sameUri } from '../../../src/sip/message/sameUri.ts'
import { parseUri, type Uri } from '../../../src/sip/message/uri.ts'

function uri(text: string): Uri {
  const parsed = parseUri(text)
  if (parsed === null) throw new Error(`not a URI: ${text}`)
  return parsed
}

t.test('equal, by the examples and rules of RFC 3261 §19.1.4', async (t) => {
  const pairs = [
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:a@h?a=%41', 'sip:a@h?A=A'],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0:0::0001]'],
    ['sip:%2A43@h', 'sip:*43@h'],
    ['tel:+1-555-123', 'tel:+1.555(123)'],
    ['tel:123;phone-context=EXAMPLE.com', 'tel:1-23;phone-context=example.com'],
    ['urn:a:b', 'urn:a:b'],
  ]
  for (const [a = '', b = ''] of pairs) {
    t.ok(sameUri(uri(a), uri(b)), `${a} = ${b}`)
    t.ok(sameUri(uri(b), uri(a)), `${b} = ${a}`)
  }
})

t.test('different, by the examples and rules of RFC 3261 §19.1.4', async (t) => {
  const pairs = [
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@h', 'sips:a@h'],
    ['sip:a@h', 'sip:a@h.'],
    ['sip:a@[::1]', 'sip:a@[::2]'],
    ['sip:a@h', 'sip:h'],
    ['sip:a@h', 'sip:a:pw@h'],
    ['sip:a%40b@h', 'sip:a%40c@h'],
    ['sip:a@h?a=1', 'sip:a@h?a=2'],
    ['sip:a%3Bx=1@h', 'sip:a;x=1@h'],
    ['sip:1@h', 'tel:1'],
    ['tel:+1', 'tel:1'],
    ['tel:1;ext=2', 'tel:1'],
    ['tel:1;ext=2', 'tel:1;isub=2'],
    ['urn:a:b', 'urn:a:c'],
  ]
  for (const [a = '', b = ''] of pairs) {
    t.notOk(sameUri(uri(a), uri(b)), `${a} ≠ ${b}`)
    t.notOk(sameUri(uri(b), uri(a)), `${b} ≠ ${a}`)
  }
  const [on, plain, off] = [uri('sip:a@h;security=on'), uri('sip:a@h'), uri('sip:a@h;security=off')]
  t.ok(sameUri(on, plain) && sameUri(plain, off) && !sameUri(on, off), 'not transitive, as the RFC says')
})
