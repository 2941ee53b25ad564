import fc from 'fast-check'
import t from 'tap'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'
import { RECEIVER_REPORT } from './rtpBytes.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const RR = '80c9 0001 11111111'
const BYE = '81cb 0001 11111111'

t.test('a compound packet begins with a report, and its lengths add up (RFC 3550 §A.2)', async (t) => {
  t.ok(isWellFormed(bytes(RR)), 'a report alone')
  t.ok(isWellFormed(bytes(`${RR} ${BYE}`)), 'and a BYE')
  t.ok(isWellFormed(bytes('80cc 0003 1ea9a90e 50494e47 504f4e47')), 'RFC 5506: an APP alone, as baresip sends it')
  t.notOk(isWellFormed(bytes('80d8 0001 11111111')), 'a type that RTCP does not have')
  t.ok(isWellFormed(bytes(`80c8 0006 11111111 ${'00'.repeat(20)} ${BYE}`)), 'a sender report')
  t.ok(isWellFormed(bytes(`${RR} a1cb 0002 11111111 00000004`)), 'padding in the last')
  t.ok(isWellFormed(RECEIVER_REPORT), 'with a CNAME')
})

t.test('anything else is none', async (t) => {
  t.notOk(isWellFormed(bytes('')), 'nothing')
  t.notOk(isWellFormed(bytes('80c9')), 'half a header')
  t.notOk(isWellFormed(bytes('80c9 0002 11111111')), 'a length beyond the end')
  t.notOk(isWellFormed(bytes(`${RR} 00`)), 'an octet too many')
  t.notOk(isWellFormed(bytes(`${RR} 01cb 0001 11111111`)), 'version 0 further on')
  t.notOk(isWellFormed(bytes(`a0c9 0002 11111111 00000004 ${BYE}`)), 'padding in the middle')
  t.notOk(isWellFormed(bytes('8000 0001 00000000 11111111')), 'RTP')
  t.ok(isWellFormed(bytes(BYE.repeat(64))), 'many packets')
  t.notOk(isWellFormed(bytes(BYE.repeat(65))), 'so many that nobody sends them: 60 kB of the smallest would be 15,000')
})

t.test('no octets upset the check', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (datagram) => {
      datagram[1] = 201
      return typeof isWellFormed(datagram) === 'boolean'
    }),
    { numRuns: 2000 },
  )
})
