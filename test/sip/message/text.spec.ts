import t from 'tap'
import { fromUtf8, octetsOf, toUtf8 } from '../../../src/sip/message/text.ts'

t.test('text and octets', async (t) => {
  t.equal(toUtf8('Zoë'), 'Zo\xc3\xab')
  t.equal(fromUtf8('Zo\xc3\xab'), 'Zoë')
  t.equal(fromUtf8(toUtf8('大停電 😀')), '大停電 😀')
  t.equal(fromUtf8('\xff'), '\ufffd', 'what is not UTF-8 does not throw')
  t.equal(octetsOf(Uint8Array.of(0, 0x41, 0xff)), '\0A\xff')
  t.equal(octetsOf(Uint8Array.of(1, 0x41, 0x42).subarray(1)), 'AB', 'a view of a larger buffer')
})
