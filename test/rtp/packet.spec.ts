import fc from 'fast-check'
import t from 'tap'
import {
  isRtcp,
  isStun,
  MALFORMED,
  MAX_PACKET_LENGTH,
  marker,
  payloadLength,
  payloadType,
  sequenceNumber,
  setMarker,
  setPayloadType,
  setSequenceNumber,
  setSsrc,
  setTimestamp,
  ssrc,
  timestamp,
  withoutExtension,
} from '../../src/rtp/packet.ts'
import { rtp } from './rtpBytes.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

t.test('the fields of a packet are where RFC 3550 §5.1 puts them', async (t) => {
  const packet = bytes('80 e5 fffe 80000001 deadbeef d5d5')
  t.equal(payloadLength(packet), 2)
  t.equal(payloadType(packet), 101)
  t.equal(marker(packet), true)
  t.equal(sequenceNumber(packet), 0xfffe)
  t.equal(timestamp(packet), 0x80000001)
  t.equal(ssrc(packet), 0xdeadbeef)
})

t.test('payload is what header, CSRC list, extension and padding leave', async (t) => {
  const header = '0001 00000000 11111111'
  t.equal(payloadLength(bytes(`80 00 ${header}`)), 0, 'none')
  t.equal(payloadLength(bytes(`82 00 ${header} aaaaaaaa bbbbbbbb 01`)), 1, 'after two CSRCs')
  t.equal(payloadLength(bytes(`90 00 ${header} bede 0001 10ff0000 0102`)), 2, 'after an extension of a word')
  t.equal(payloadLength(bytes(`a0 00 ${header} 01 000003`)), 1, 'before three octets of padding')
  t.equal(payloadLength(bytes(`b1 00 ${header} aaaaaaaa bede 0000 01 02 0002`)), 2, 'with all of them')
})

t.test('a packet that is shorter than it says is malformed', async (t) => {
  const header = '0001 00000000 11111111'
  t.equal(payloadLength(bytes('')), MALFORMED, 'nothing')
  t.equal(payloadLength(bytes('80 00 0001 00000000 111111')), MALFORMED, '11 octets')
  t.equal(payloadLength(bytes(`81 00 ${header}`)), MALFORMED, 'a CSRC that is not there')
  t.equal(payloadLength(bytes(`90 00 ${header}`)), MALFORMED, 'an extension that is not there')
  t.equal(payloadLength(bytes(`90 00 ${header} bede 0001`)), MALFORMED, 'an extension cut short')
  t.equal(payloadLength(bytes(`90 00 ${header} bede ffff 0000`)), MALFORMED, 'an extension of 256 KiB')
  t.equal(payloadLength(bytes(`a0 00 ${header} 00`)), MALFORMED, 'padding of none, itself not counted')
  t.equal(payloadLength(bytes(`a0 00 ${header} 02`)), MALFORMED, 'more padding than packet')
  t.equal(payloadLength(bytes(`a0 00 ${header}`)), MALFORMED, 'padding within the header')
})

t.test('another version, and more than any audio packet, is malformed', async (t) => {
  for (const first of [0x00, 0x40, 0xc0]) {
    const packet = rtp({})
    packet[0] = first
    t.equal(payloadLength(packet), MALFORMED, `version ${first >> 6}`)
  }
  t.equal(payloadLength(rtp({ payload: Buffer.alloc(MAX_PACKET_LENGTH - 12) })), MAX_PACKET_LENGTH - 12)
  t.equal(payloadLength(rtp({ payload: Buffer.alloc(MAX_PACKET_LENGTH - 11) })), MALFORMED)
})

t.test('RFC 5761 §4: payload types 64–95 with either marker are RTCP', async (t) => {
  const seconds = Array.from({ length: 256 }, (_, second) => second)
  t.same(
    seconds.filter((second) => isRtcp(Uint8Array.of(0x80, second))),
    seconds.filter((second) => (second & 0x7f) >= 64 && (second & 0x7f) <= 95),
  )
  t.equal(isRtcp(Uint8Array.of(0x00, 200)), false, 'but not of version 0')
  t.equal(isRtcp(Uint8Array.of()), false)
})

t.test('rewriting changes its field alone', async (t) => {
  const packet = bytes('90 80 0001 00000002 00000003 bede0000 d5')
  setPayloadType(packet, 101)
  setSequenceNumber(packet, 0x1_2345)
  setTimestamp(packet, 0x1_80000001)
  setSsrc(packet, 0xfedcba98)
  t.equal(packet.toString('hex'), '90e5234580000001fedcba98bede0000d5', 'the marker stays, numbers wrap')
  setPayloadType(packet, 0)
  t.equal(marker(packet), true)
  const plain = rtp({ type: 8 })
  setMarker(plain)
  t.same([marker(plain), payloadType(plain)], [true, 8])
})

t.test('what is written is read, and no octets upset the check', async () => {
  const u16 = fc.integer({ min: 0, max: 0xffff })
  const u32 = fc.integer({ min: 0, max: 0xffffffff })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 127 }), u16, u32, u32, (type, sequence, time, source) => {
      const packet = rtp({ marker: true })
      setPayloadType(packet, type)
      setSequenceNumber(packet, sequence)
      setTimestamp(packet, time)
      setSsrc(packet, source)
      const read = [payloadType(packet), sequenceNumber(packet), timestamp(packet), ssrc(packet), marker(packet)]
      return JSON.stringify(read) === JSON.stringify([type, sequence, time, source, true])
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (packet) => {
      const octets = payloadLength(packet)
      return octets === MALFORMED || (octets >= 0 && octets <= packet.length - 12)
    }),
    { numRuns: 5000 },
  )
})

t.test('RFC 7983 §7: STUN among the media is told apart', async (t) => {
  t.ok(isStun(Buffer.from('000100002112a4427fe5b886760b514721b7dacc', 'hex')), 'a binding request')
  t.notOk(isStun(Buffer.from('000100002112a442', 'hex')), 'half of one')
  t.notOk(isStun(Buffer.alloc(40, 0)), 'octets without its cookie')
  t.notOk(isStun(Buffer.from(`8000${'2112a442'.repeat(6)}`, 'hex')), 'RTP')
})

t.test(
  'a header extension is taken out where it lies, behind the CSRC list; one that does not fit is left',
  async (t) => {
    const extended = bytes('91 00 0001 00000002 00000003 aaaaaaaa bede0001 10850000 d5d6')
    const plain = withoutExtension(extended)
    t.equal(Buffer.from(plain).toString('hex'), '8100000100000002' + '00000003' + 'aaaaaaaa' + 'd5d6')
    t.equal(payloadLength(plain), 2)
    t.equal(plain.buffer, extended.buffer, 'a view of the same octets')
    const none = bytes('80 00 0001 00000002 00000003 d5d6')
    t.equal(withoutExtension(none), none)
    for (const cut of ['90 00 0001 00000002 00000003 bede', '90 00 0001 00000002 00000003 bede0002 10850000']) {
      const broken = bytes(cut)
      t.equal(withoutExtension(broken), broken)
    }
  },
)
