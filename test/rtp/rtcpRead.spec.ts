import fc from 'fast-check'
import t from 'tap'
import { isWellFormed } from '../../src/rtp/rtcp/rtcp.ts'
import { readRtcp } from '../../src/rtp/rtcp/rtcpRead.ts'
import { block, bytes, receiverReport, senderReport } from './rtcpBytes.ts'

const OURS = 0x0badcafe
const nothing = { sender: null, block: null, bye: false }
const view = { lost: '20fffffd', highest: '00010203', jitter: '00000050', lsr: '56781234', dlsr: '00008000' }
const read = {
  ssrc: OURS,
  lost: 0.125,
  lostTotal: -3,
  highest: 0x10203,
  jitter: 80,
  lastReport: 0x56781234,
  delay: 0x8000,
}

function news(hex: string) {
  const datagram = bytes(hex)
  t.ok(isWellFormed(datagram), 'it would get that far')
  return readRtcp(datagram, OURS)
}

t.test('a sender report and its block about us (RFC 3550 §6.4.1)', async (t) => {
  t.same(news(senderReport('11111111', block('0badcafe', view))), {
    sender: { ssrc: 0x11111111, middle: 0x56781234 },
    block: read,
    bye: false,
  })
})

t.test('of a receiver report’s blocks only the one about us', async (t) => {
  const others = ['22222222', '33333333'].map((ssrc) => block(ssrc))
  t.same(news(receiverReport('11111111', ...others, block('0badcafe', view))).block, read)
  t.same(news(receiverReport('11111111', ...others)), nothing)
  const most = Array.from({ length: 30 }, () => block('22222222'))
  t.same(news(receiverReport('11111111', ...most, block('0badcafe', view))).block, read, 'as many as there can be')
})

t.test('other packets are skipped, and reports may stand behind them', async (t) => {
  const description = '81ca0003 11111111 01036162 63000000'
  const app = '80cc0003 11111111 50494e47 504f4e47'
  t.same(news(`${app} ${description} ${receiverReport('11111111', block('0badcafe', view))}`).block, read)
  t.same(news(`${receiverReport('11111111')} ${description}`), nothing)
})

t.test('a BYE, of one or of many; one of nobody says nothing (§6.6)', async (t) => {
  t.equal(news(`${receiverReport('11111111')} 81cb0001 11111111`).bye, true)
  t.equal(news(`${receiverReport('11111111')} 82cb0004 11111111 22222222 06676f6e 65000000`).bye, true)
  t.equal(news(`${receiverReport('11111111')} 80cb0000`).bye, false)
  t.equal(news(`${receiverReport('11111111')} 80cb0001 11111111`).bye, false, 'there, but not counted')
  t.equal(news(`${receiverReport('11111111')} 81cb0000`).bye, false, 'counted, but not there')
})

t.test('blocks that are counted and not there are not read from what follows', async (t) => {
  const lies = block('0badcafe', view)
  t.same(news(`9fc90001 11111111 86cc0006 ${lies}`), nothing, '31 counted, none there')
  t.same(news(`9fc90006 11111111 ${lies.slice(0, -9)}`), nothing, 'a word short')
  t.same(news(`9fc90007 11111111 ${lies}`).block, read, '31 counted, one there')
  t.same(news('81c80005 11111111 e1235678 1234abcd 00001000 00000007'), nothing, 'a sender report cut short')
  t.same(news('80c80000'), nothing, 'without so much as an SSRC')
})

t.test('no octets upset it, well-formed or not', async () => {
  const packet = fc
    .tuple(fc.constantFrom(200, 201, 203), fc.integer({ min: 0, max: 31 }), fc.uint8Array({ maxLength: 120 }))
    .map(([type, count, body]) => {
      const length = body.length >> 2
      return Buffer.concat([Buffer.from([0x80 | count, type, 0, length]), body.subarray(0, 4 * length)])
    })
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 4 }), fc.nat(8), (packets, cut) => {
      const datagram = Buffer.concat(packets)
      readRtcp(datagram, OURS)
      readRtcp(datagram.subarray(0, Math.max(0, datagram.length - cut)), OURS)
      return packets.length === 0 || isWellFormed(datagram)
    }),
    { numRuns: 1000 },
  )
})
