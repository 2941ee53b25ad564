import fc from 'fast-check'
import t from 'tap'
import { emptyReport, isCompound } from '../../src/rtp/rtcp.ts'
import { RECEIVER_REPORT } from './rtpBytes.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const RR = '80c9 0001 11111111'
const BYE = '81cb 0001 11111111'

t.test('a compound packet begins with a report, and its lengths add up (RFC 3550 §A.2)', async (t) => {
  t.ok(isCompound(bytes(RR)), 'a report alone')
  t.ok(isCompound(bytes(`${RR} ${BYE}`)), 'and a BYE')
  t.ok(isCompound(bytes(`80c8 0006 11111111 ${'00'.repeat(20)} ${BYE}`)), 'a sender report')
  t.ok(isCompound(bytes(`${RR} a1cb 0002 11111111 00000004`)), 'padding in the last')
  t.ok(isCompound(RECEIVER_REPORT), 'with a CNAME')
})

t.test('anything else is none', async (t) => {
  t.notOk(isCompound(bytes('')), 'nothing')
  t.notOk(isCompound(bytes('80c9')), 'half a header')
  t.notOk(isCompound(bytes(BYE)), 'a BYE first')
  t.notOk(isCompound(bytes('80c9 0002 11111111')), 'a length beyond the end')
  t.notOk(isCompound(bytes(`${RR} 00`)), 'an octet too many')
  t.notOk(isCompound(bytes(`${RR} 01cb 0001 11111111`)), 'version 0 further on')
  t.notOk(isCompound(bytes(`a0c9 0002 11111111 00000004 ${BYE}`)), 'padding in the middle')
  t.notOk(isCompound(bytes('8000 0001 00000000 11111111')), 'RTP')
})

t.test('the report about nobody is a compound packet with the CNAME in it (RFC 3550 §6.4.2, §6.5)', async (t) => {
  t.equal(
    Buffer.from(emptyReport(0xdeadbeef, 'abc')).toString('hex'),
    `80c90001deadbeef81ca0003deadbeef0103${Buffer.from('abc').toString('hex')}000000`,
  )
  for (let length = 0; length < 10; length++) t.ok(isCompound(emptyReport(1, 'x'.repeat(length))), `CNAME of ${length}`)
})

t.test('no octets upset the check', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (datagram) => {
      datagram[1] = 201
      return typeof isCompound(datagram) === 'boolean'
    }),
    { numRuns: 2000 },
  )
})
