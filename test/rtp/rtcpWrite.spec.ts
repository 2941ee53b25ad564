import t from 'tap'
import type { ReportBlock } from '../../src/rtp/rtcp/rtcp.ts'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'
import { readRtcp } from '../../src/rtp/rtcp/rtcpRead.ts'
import { ntpMiddle, type Report, writeReport } from '../../src/rtp/rtcp/rtcpWrite.ts'
import { hex } from './rtcpBytes.ts'

const plain: Report = { ssrc: 0xdeadbeef, cname: 'abc', sender: null, block: null, bye: false }
/** 16:00:00.5 on 1 January 1970. */
const sender = { wall: 57_600_500, timestamp: 0x1000, packets: 7, octets: 1120 }
const block: ReportBlock = {
  ssrc: 0x11111111,
  lost: 0.25,
  lostTotal: -2,
  highest: 0x0001fffe,
  jitter: 40,
  lastReport: 0x56781234,
  delay: 65_536,
}

t.test('a report about nobody, with the CNAME that must be there (RFC 3550 §6.4.2, §6.5)', async (t) => {
  t.equal(hex(writeReport(plain)), '80c90001 deadbeef 81ca0003 deadbeef 01036162 63000000')
  for (let length = 0; length < 10; length++) {
    t.ok(isWellFormed(writeReport({ ...plain, cname: 'x'.repeat(length) })), `CNAME of ${length}`)
  }
})

t.test('a receiver report, octet by octet', async (t) => {
  t.equal(
    hex(writeReport({ ...plain, block })),
    '81c90007 deadbeef 11111111 40fffffe 0001fffe 00000028 56781234 00010000 81ca0003 deadbeef 01036162 63000000',
  )
})

t.test('a sender report: the moment in NTP’s time and the stream’s', async (t) => {
  t.equal(
    hex(writeReport({ ...plain, sender })),
    '80c80006 deadbeef 83ab5f80 80000000 00001000 00000007 00000460 81ca0003 deadbeef 01036162 63000000',
  )
  t.equal(ntpMiddle(sender.wall), 0x5f808000)
})

t.test('a BYE comes last (§6.6)', async (t) => {
  t.equal(
    hex(writeReport({ ...plain, bye: true })),
    '80c90001 deadbeef 81ca0003 deadbeef 01036162 63000000 81cb0001 deadbeef',
  )
})

t.test('what does not fit its field is clamped, or wraps where the RFC says so', async (t) => {
  const written = (fields: Partial<ReportBlock>) =>
    hex(writeReport({ ...plain, block: { ...block, ...fields } })).split(' ')[3]
  t.equal(written({ lost: 1, lostTotal: 2 ** 30 }), 'ff7fffff')
  t.equal(written({ lost: 0, lostTotal: -(2 ** 30) }), '00800000')
  const long = writeReport({ ...plain, sender: { ...sender, packets: 2 ** 32 + 1, octets: 2 ** 32 + 2 } })
  t.match(hex(long), '00000001 00000002 81ca')
})

t.test('what is written reads back', async (t) => {
  const news = readRtcp(writeReport({ ...plain, sender, block, bye: true }), block.ssrc)
  t.same(news, { sender: { ssrc: plain.ssrc, middle: ntpMiddle(sender.wall) }, block, bye: true })
})
