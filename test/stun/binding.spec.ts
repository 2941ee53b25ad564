import { crc32 } from 'node:zlib'
import t from 'tap'
import { bindingResponse, isStun } from '../../src/stun/binding.ts'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const COOKIE = '2112a442'
const TRANSACTION = 'b7e7a701bc34d686fa87dfae'
const request = (attributes = '') => {
  const length = (attributes.replace(/\s/g, '').length / 2).toString(16).padStart(4, '0')
  return hex(`0001 ${length} ${COOKIE} ${TRANSACTION} ${attributes}`)
}
const v4 = { address: '192.0.2.1', port: 32853 }
const shown = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex')

t.test('STUN is told from SIP, RFC 8489 §6.3', async (t) => {
  t.ok(isStun(request()))
  t.ok(isStun(hex(`0101 0000 ${COOKIE} ${TRANSACTION}`)), 'whatever its type')
  t.notOk(isStun(Buffer.from('OPTIONS sip:h SIP/2.0\r\n\r\n')))
  t.notOk(isStun(Buffer.from('!odd sip:h SIP/2.0\r\n\r\n')), 'a method whose first bits are 0 too')
  t.notOk(isStun(hex(`4001 0000 ${COOKIE} ${TRANSACTION}`)))
  t.notOk(isStun(request().subarray(0, 19)))
  t.notOk(isStun(new Uint8Array()))
})

t.test('the address a request came from, with the values of RFC 5769 §2.2 and §2.3', async (t) => {
  t.equal(shown(bindingResponse(request(), v4)), `0101000c${COOKIE}${TRANSACTION}002000080001a147e112a643`)
  const v6 = { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }
  const expected = `01010018${COOKIE}${TRANSACTION}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`
  t.equal(shown(bindingResponse(request(), v6)), expected)
})

t.test('FINGERPRINT is answered with one, and must be right', async (t) => {
  // The request of RFC 5769 §2.1, with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME and MESSAGE-INTEGRITY.
  const sample = hex(`
    0001 0058 2112a442 b7e7a701bc34d686fa87dfae
    8022 0010 5354554e207465737420636c69656e74
    0024 0004 6e0001ff
    8029 0008 932ff9b151263b36
    0006 0009 6576746a3a68367659202020
    0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
    8028 0004 e57a3bcf`)
  const answer = bindingResponse(sample, v4)
  t.equal(shown(answer)?.slice(0, 8), '0111002c', 'PRIORITY is no business of ours: 420')
  t.match(shown(answer), /000900150000041455/, 'error 420')
  t.match(shown(answer), /000a00020024/, 'that names it')
  const body = answer?.subarray(0, -8) ?? new Uint8Array()
  const fingerprint = (crc32(body) ^ 0x5354554e) >>> 0
  t.equal(shown(answer)?.slice(-16), `80280004${fingerprint.toString(16).padStart(8, '0')}`)
  const wrong = Buffer.from(sample)
  wrong[sample.length - 1] = 0
  t.equal(bindingResponse(wrong, v4), null)
})

t.test('what is no Binding request gets no answer', async (t) => {
  t.equal(bindingResponse(hex(`0101 0000 ${COOKIE} ${TRANSACTION}`), v4), null, 'a response')
  t.equal(bindingResponse(hex(`0011 0000 ${COOKIE} ${TRANSACTION}`), v4), null, 'an indication')
  t.equal(bindingResponse(hex(`0001 0004 ${COOKIE} ${TRANSACTION}`), v4), null, 'shorter than it says')
  t.equal(bindingResponse(hex(`0001 0000 ${COOKIE} ${TRANSACTION} 00`), v4), null, 'longer than it says')
  t.equal(bindingResponse(request('8022 0008 00000000'), v4), null, 'an attribute beyond the end')
  t.equal(bindingResponse(request('8022'), v4), null, 'half an attribute')
  t.equal(bindingResponse(hex(`0001 0000 00000000 ${TRANSACTION}`), v4), null, 'no cookie')
  t.equal(bindingResponse(Buffer.from('OPTIONS sip:h SIP/2.0\r\n\r\n'), v4), null)
})

t.test('optional attributes do no harm, credentials neither', async (t) => {
  t.equal(shown(bindingResponse(request('8022 0003 61626300'), v4))?.slice(0, 4), '0101')
  t.equal(shown(bindingResponse(request('0006 0001 61000000'), v4))?.slice(0, 4), '0101')
  t.equal(shown(bindingResponse(request('0003 0004 00000000'), v4))?.slice(0, 4), '0111', 'CHANGE-REQUEST is not known')
})
